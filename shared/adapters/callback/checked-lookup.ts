import { lookup as resolveByDns } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

export interface ResolvedAddress {
  address: string;
  family: number;
}

export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

export const systemResolve: Resolve = (hostname) => resolveByDns(hostname, { all: true });

/** The host stands for an address that must not be called. */
export class AddressNotAllowed extends Error {
  readonly code = 'ADDRESS_NOT_ALLOWED';

  constructor() {
    super('the host resolves to an address that is not allowed');
    this.name = 'AddressNotAllowed';
  }
}

/**
 * Resolves a host and gives the connection only addresses that were checked: what is connected to is what was checked,
 * so a name that changes its mind in between gains nothing. One forbidden address forbids the name.
 */
export function checkedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    const give = (addresses: ResolvedAddress[]): void => {
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        callback(new AddressNotAllowed(), '');
      } else if (options.all) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    };
    resolve(hostname).then(give, (error: NodeJS.ErrnoException) => callback(error, ''));
  };
}

/** The address that a URL names itself, for which no name is resolved; nothing for a name. */
export function literalAddress(hostname: string): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? undefined : address;
}
