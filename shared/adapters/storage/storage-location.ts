/** Where a storage account is, as the settings name it. */
export type StorageLocation =
  | { connectionString: string }
  | { accountName: string /** default `core.windows.net` */; suffix?: string }
  | { blobServiceUri?: string; queueServiceUri?: string; tableServiceUri?: string };

export type StorageService = 'blob' | 'queue' | 'table';

export interface AccountKey {
  accountName: string;
  accountKey: string;
}

/** What opens the account: its key, a shared access signature, or (neither) an identity. */
export interface StorageAccess {
  urls: Partial<Record<StorageService, string>>;
  key?: AccountKey;
  sas?: string;
}

const SERVICES = ['blob', 'queue', 'table'] as const;

/** The emulator's account and key are public: there is nothing to protect on the way to it. */
const EMULATOR: AccountKey = {
  accountName: 'devstoreaccount1',
  accountKey: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};
const EMULATOR_PORTS = { blob: 10000, queue: 10001, table: 10002 } as const;

/**
 * Addresses and credentials of an account.
 * @throws Error that says what is wrong with the location, without its secrets
 */
export function storageAccess(location: StorageLocation): StorageAccess {
  const access =
    'connectionString' in location ? fromConnectionString(location.connectionString) : byIdentity(location);
  for (const url of Object.values(access.urls)) checkTransport(url);
  return access;
}

/** @throws Error when the location does not name that service */
export function serviceUrl(access: StorageAccess, service: StorageService): string {
  const url = access.urls[service];
  if (url === undefined) throw new Error(`the storage settings do not say where the ${service} service is`);
  return url;
}

/** The same with the shared access signature, where that is what opens the account. Secret then. */
export const signedUrl = (access: StorageAccess, service: StorageService): string =>
  serviceUrl(access, service) + (access.sas === undefined ? '' : `?${access.sas}`);

function byIdentity(location: Exclude<StorageLocation, { connectionString: string }>): StorageAccess {
  if ('accountName' in location) return { urls: accountUrls('https', location.accountName, location.suffix) };
  const { blobServiceUri, queueServiceUri, tableServiceUri } = location;
  return { urls: present({ blob: blobServiceUri, queue: queueServiceUri, table: tableServiceUri }) };
}

function fromConnectionString(text: string): StorageAccess {
  const parts = new Map(text.split(';').filter(Boolean).map(keyAndValue));
  if (parts.get('usedevelopmentstorage') === 'true') return { urls: emulatorUrls(), key: EMULATOR };
  const accountName = parts.get('accountname');
  const accountKey = parts.get('accountkey');
  const sas = parts.get('sharedaccesssignature')?.replace(/^\?/, '');
  const named = present({
    blob: parts.get('blobendpoint'),
    queue: parts.get('queueendpoint'),
    table: parts.get('tableendpoint'),
  });
  const derived = accountName
    ? accountUrls(parts.get('defaultendpointsprotocol') ?? 'https', accountName, parts.get('endpointsuffix'))
    : {};
  const urls = { ...derived, ...named };
  if (accountName && accountKey) return { urls, key: { accountName, accountKey } };
  if (sas) return { urls, sas };
  throw new Error('the connection string has neither AccountName and AccountKey nor SharedAccessSignature');
}

/** Only the first `=` separates: keys and signatures end in some. Names are read in any letter case. */
function keyAndValue(part: string): [string, string] {
  const at = part.indexOf('=');
  if (at < 0) throw new Error('the connection string is not a list of Name=Value joined by semicolons');
  return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
}

function accountUrls(protocol: string, accountName: string, suffix = 'core.windows.net'): StorageAccess['urls'] {
  return Object.fromEntries(SERVICES.map((service) => [service, `${protocol}://${accountName}.${service}.${suffix}`]));
}

function emulatorUrls(): StorageAccess['urls'] {
  return Object.fromEntries(
    SERVICES.map((service) => [service, `http://127.0.0.1:${EMULATOR_PORTS[service]}/${EMULATOR.accountName}`]),
  );
}

function present(urls: Record<StorageService, string | undefined>): StorageAccess['urls'] {
  const entries = Object.entries(urls).filter(([, url]) => url !== undefined && url !== '');
  return Object.fromEntries(entries.map(([service, url]) => [service, url?.replace(/\/+$/, '')]));
}

/** Plain http only where nothing leaves the machine, and for the emulator's public account. */
function checkTransport(url: string): void {
  const { protocol, hostname, pathname } = parsed(url);
  if (protocol === 'https:') return;
  const local = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
  if (protocol === 'http:' && (local || pathname === `/${EMULATOR.accountName}`)) return;
  throw new Error(`storage at ${hostname} must be reached by https (http is for the emulator)`);
}

function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new Error('the storage settings hold an address that is no URL');
}
