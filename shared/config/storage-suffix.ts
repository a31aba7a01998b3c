/** Storage suffixes by sign-in host. The Functions host knows only the last for `__accountName`. */
export function storageSuffixOf(authorityHost: string | undefined): string {
  if (authorityHost?.endsWith('.us')) return 'core.usgovcloudapi.net';
  if (authorityHost?.endsWith('.cn')) return 'core.chinacloudapi.cn';
  return 'core.windows.net';
}
