/** Longest address that is kept. Logic Apps' are about 400 characters. */
export const LONGEST_CALLBACK = 4096;

export interface CallbackRules {
  /** Host suffixes: `.logic.azure.com` fits every host below it, `hooks.contoso.com` itself and every host below it. */
  readonly callbackHosts: readonly string[];
  /** Only where Defender itself is simulated on this machine. */
  readonly loopbackAllowed: boolean;
}

/**
 * Whether Holdfast may send the end of a collection to this address.
 * @returns the sentence that says what to change, or undefined. It never repeats the address: that is a secret.
 */
export function callbackFault(address: string, rules: CallbackRules): string | undefined {
  if (address.length > LONGEST_CALLBACK) return `Give an address of at most ${LONGEST_CALLBACK} characters.`;
  // A URL parser drops tabs and line breaks, so what is checked would not be what is kept.
  if (/[\p{Cc}\p{Cs}\s\\]/u.test(address) || !URL.canParse(address)) return 'Give a whole address: https://host/path.';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'Take the user name and password out of the address.';
  if (rules.loopbackAllowed && isLoopback(url.hostname) && /^https?:$/.test(url.protocol)) return undefined;
  if (url.protocol !== 'https:') return 'Use https.';
  if (!hostFits(url.hostname, rules.callbackHosts))
    return `Use a host below one of ${rules.callbackHosts.join(', ') || '(none)'}, or ask the operator to add yours to CALLBACK_HOSTS.`;
  return undefined;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** Whether a host fits one of the suffixes, whole labels only and without regard to case. */
export function hostFits(hostname: string, suffixes: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return suffixes.some((suffix) => {
    const wanted = suffix.trim().toLowerCase();
    if (wanted === '' || wanted === '.') return false;
    return wanted.startsWith('.')
      ? host.endsWith(wanted) && host.length > wanted.length
      : host === wanted || host.endsWith(`.${wanted}`);
  });
}
