import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  TableClient,
  TableServiceClient,
  type TableServiceClientOptions,
} from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import * as blob from '@azure/storage-blob';
import * as queue from '@azure/storage-queue';
import type { ServiceClock } from './service-clock.ts';
import { type StorageAccess, type StorageLocation, serviceUrl, signedUrl, storageAccess } from './storage-location.ts';
import {
  countingFactory,
  countingTablePolicy,
  hearingTablePolicy,
  type OnTransaction,
  timeLimitFactory,
  timeLimitTablePolicy,
} from './storage-policies.ts';

export interface StorageOptions {
  /** needed where the location names no key and no signature */
  credential?: TokenCredential;
  /** product and version, for the account's own logs */
  userAgentPrefix?: string;
  /** told of every storage transaction: what benchmarks count and Azure bills */
  onTransaction?: OnTransaction;
  /** hears the time of the tables with every answer */
  clock?: ServiceClock;
}

export interface StorageClients {
  blobs: blob.BlobServiceClient;
  queues: queue.QueueServiceClient;
  tables: TableServiceClient;
  table(name: string): TableClient;
}

/** Four tries, at most about 10 s apart; what still fails is thrown and a heartbeat repeats it. */
const RETRIES = { tries: 4, firstDelayMs: 250, longestDelayMs: 10_000 } as const;

/** Tables and queues answer in milliseconds, in 30 s at the latest (the service's own limit). */
const TRY_LIMIT_MS = 30_000;

/** Until a blob service's answer begins, the upload of a block or a copy on the server's side included. */
const BLOB_TRY_LIMIT_MS = 300_000;

/** @throws Error when the location is not usable; nothing is sent yet */
export function createStorageClients(location: StorageLocation, options: StorageOptions = {}): StorageClients {
  const access = storageAccess(location);
  const url = serviceUrl(access, 'table');
  const settings = tableOptions(url, options);
  // The SDK's constructors take each kind of credential, but not their union.
  const credential = tableCredential(access, options) as TokenCredential;
  return {
    blobs: blobService(access, options),
    queues: queueService(access, options),
    tables: new TableServiceClient(url, credential, settings),
    table: (name) => new TableClient(url, name, credential, settings),
  };
}

/** Blobs only, for an account that holds nothing but evidence. @throws Error when the location is not usable */
export function createBlobService(location: StorageLocation, options: StorageOptions = {}): blob.BlobServiceClient {
  return blobService(storageAccess(location), options);
}

function blobService(access: StorageAccess, options: StorageOptions): blob.BlobServiceClient {
  const { key, sas } = access;
  const sharedKey = key && new blob.StorageSharedKeyCredential(key.accountName, key.accountKey);
  const credential = sharedKey ?? (sas ? new blob.AnonymousCredential() : identity(options));
  const pipeline = blob.newPipeline(credential, pipelineOptions(options));
  pipeline.factories.push(timeLimitFactory('blob', BLOB_TRY_LIMIT_MS));
  if (options.onTransaction) pipeline.factories.push(countingFactory('blob', options.onTransaction));
  return new blob.BlobServiceClient(signedUrl(access, 'blob'), pipeline);
}

function queueService(access: StorageAccess, options: StorageOptions): queue.QueueServiceClient {
  const { key, sas } = access;
  const sharedKey = key && new queue.StorageSharedKeyCredential(key.accountName, key.accountKey);
  const credential = sharedKey ?? (sas ? new queue.AnonymousCredential() : identity(options));
  const pipeline = queue.newPipeline(credential, pipelineOptions(options));
  pipeline.factories.push(timeLimitFactory('queue', TRY_LIMIT_MS));
  if (options.onTransaction) pipeline.factories.push(countingFactory('queue', options.onTransaction));
  return new queue.QueueServiceClient(signedUrl(access, 'queue'), pipeline);
}

function tableCredential({ key, sas }: StorageAccess, options: StorageOptions) {
  if (key) return new AzureNamedKeyCredential(key.accountName, key.accountKey);
  return sas ? new AzureSASCredential(sas) : identity(options);
}

function identity({ credential }: StorageOptions): TokenCredential {
  if (credential) return credential;
  throw new Error('the storage settings name neither a key nor a signature, and no identity was given');
}

function tableOptions(
  url: string,
  { userAgentPrefix, onTransaction, clock }: StorageOptions,
): TableServiceClientOptions {
  return {
    allowInsecureConnection: url.startsWith('http:'),
    retryOptions: {
      maxRetries: RETRIES.tries - 1,
      retryDelayInMs: RETRIES.firstDelayMs,
      maxRetryDelayInMs: RETRIES.longestDelayMs,
    },
    ...(userAgentPrefix ? { userAgentOptions: { userAgentPrefix } } : {}),
    additionalPolicies: [
      timeLimitTablePolicy(TRY_LIMIT_MS),
      ...(onTransaction ? [countingTablePolicy(onTransaction)] : []),
      ...(clock ? [hearingTablePolicy(clock)] : []),
    ],
  };
}

function pipelineOptions({ userAgentPrefix }: StorageOptions) {
  return {
    retryOptions: {
      maxTries: RETRIES.tries,
      retryDelayInMs: RETRIES.firstDelayMs,
      maxRetryDelayInMs: RETRIES.longestDelayMs,
    },
    ...(userAgentPrefix ? { userAgentOptions: { userAgentPrefix } } : {}),
  };
}
