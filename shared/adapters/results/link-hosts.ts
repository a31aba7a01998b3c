import { hostFits, isLoopback } from '../../domain/request/callback-address.ts';

/** Where results may be fetched from. */
export interface LinkRule {
  /** `.blob.core.windows.net` stands for every host under it, `host.contoso.com` for that one and what is under it. */
  allowedHosts: readonly string[];
  /** For the simulated tenant, which has no certificate: loopback addresses, over http too. */
  loopbackAllowed: boolean;
}

/**
 * Whether a link may be followed: https, and a host that ends in an allowed suffix at a dot. Compared as the URL parser
 * reads the host, so case, `user@`, escapes and number tricks have no say.
 */
export function linkAllowed(link: URL, { allowedHosts, loopbackAllowed }: LinkRule): boolean {
  const host = link.hostname.replace(/\.$/, '').toLowerCase();
  if (isLoopback(host)) return loopbackAllowed && (link.protocol === 'http:' || link.protocol === 'https:');
  return link.protocol === 'https:' && hostFits(host, allowedHosts);
}
