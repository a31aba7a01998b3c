import { accountName, connectionString, directoryId, serviceUrl } from './setting-kinds.ts';
import type { SettingsReader } from './settings-reader.ts';
import { storageSuffixOf } from './storage-suffix.ts';

/** How the tables, queues and private blobs of the state are reached. */
export type StateStorageConfig =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly blobServiceUri: string;
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      /** Of the user-assigned identity. */
      readonly clientId?: string;
    };

/** How the blobs of the evidence are reached. */
export type EvidenceStorageConfig =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly blobServiceUri: string; readonly clientId?: string };

/** What stands in while the fault is collected; never used, because the reader throws at the end. */
const NONE: StateStorageConfig = { kind: 'connectionString', connectionString: '' };

const STATE = 'AzureWebJobsStorage';
const EVIDENCE = 'EvidenceStorage';

export function readStateStorage(read: SettingsReader, identity: IdentitySettings): StateStorageConfig {
  const whole = readConnectionString(read, STATE);
  if (whole !== undefined) return whole;
  const clientId = readClientId(read, STATE, identity);
  const account = read.optional(`${STATE}__accountName`, accountName);
  const address = (service: 'blob' | 'queue' | 'table'): string | undefined => {
    const given = read.optional(`${STATE}__${service}ServiceUri`, serviceUrl);
    if (given !== undefined || account === undefined) return given;
    return `https://${account}.${service}.${storageSuffixOf(identity.authorityHost)}`;
  };
  const blobServiceUri = address('blob');
  const queueServiceUri = address('queue');
  const tableServiceUri = address('table');
  if (blobServiceUri !== undefined && queueServiceUri !== undefined && tableServiceUri !== undefined) {
    return { kind: 'identity', blobServiceUri, queueServiceUri, tableServiceUri, ...clientId };
  }
  nameMissing(read);
  return NONE;
}

/** Falls back to the state storage when nothing is said about the evidence. */
export function readEvidenceStorage(
  read: SettingsReader,
  state: StateStorageConfig,
  identity: IdentitySettings,
): EvidenceStorageConfig {
  const whole = readConnectionString(read, EVIDENCE);
  if (whole !== undefined) return whole;
  const clientId = readClientId(read, EVIDENCE, identity);
  const blobServiceUri = read.optional(`${EVIDENCE}__blobServiceUri`, serviceUrl);
  if (blobServiceUri !== undefined) return { kind: 'identity', blobServiceUri, ...clientId };
  const account = read.optional(`${EVIDENCE}__accountName`, accountName);
  if (account !== undefined) {
    const suffix = storageSuffixOf(identity.authorityHost);
    return { kind: 'identity', blobServiceUri: `https://${account}.blob.${suffix}`, ...clientId };
  }
  return state;
}

export interface IdentitySettings {
  readonly clientId?: string;
  readonly authorityHost?: string;
}

function readConnectionString(
  read: SettingsReader,
  name: string,
): (StateStorageConfig & { kind: 'connectionString' }) | undefined {
  if (!read.isSet(name)) return undefined;
  return { kind: 'connectionString', connectionString: read.optional(name, connectionString) ?? '' };
}

function readClientId(read: SettingsReader, name: string, identity: IdentitySettings): { clientId?: string } {
  const credential = read.text(`${name}__credential`);
  if (credential !== undefined && credential.toLowerCase() !== 'managedidentity') {
    read.refuse(`${name}__credential`, 'write managedidentity');
  }
  const clientId = read.optional(`${name}__clientId`, directoryId) ?? identity.clientId;
  return clientId === undefined ? {} : { clientId };
}

/** The settings that are missing from a set of three, or the simplest one when nothing is set. */
function nameMissing(read: SettingsReader): void {
  const services = ['blob', 'queue', 'table'].map((service) => `${STATE}__${service}ServiceUri`);
  if (read.isSet(`${STATE}__accountName`)) return; // itself bad and already named
  if (!services.some((name) => read.isSet(name))) {
    read.refuse(STATE, `set the connection string, or ${STATE}__accountName, or the three ${STATE}__...ServiceUri`);
    return;
  }
  for (const name of services.filter((service) => !read.isSet(service))) {
    read.refuse(name, 'set it too: state needs blobs, queues and tables');
  }
}
