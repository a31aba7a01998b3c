/** Whether a host name or address, with or without the brackets of IPv6, is this very machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}

/** Storage suffixes by sign-in host. The Functions host knows only the first for `__accountName`. */
export function storageSuffixOf(authorityHost: string | undefined): string {
  if (authorityHost?.endsWith('.us')) return 'core.usgovcloudapi.net';
  if (authorityHost?.endsWith('.cn')) return 'core.chinacloudapi.cn';
  return 'core.windows.net';
}
