import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { StartError } from './start-error.ts';

/** The storage that one `connection` of a binding names. */
export interface StorageConnection {
  /** the setting, for messages */
  setting: string;
  queues(): QueueServiceClient;
  blobs(): BlobServiceClient;
}

export const HOST_STORAGE = 'AzureWebJobsStorage';

/** Listeners try again by themselves, so a request that fails should say so soon. */
const RETRIES = { retryOptions: { maxTries: 2, retryDelayInMs: 200, tryTimeoutInMs: 10_000 } };

/**
 * Reads a connection the way the Functions host does: `<name>` is a connection string, otherwise
 * `<name>__queueServiceUri`, `<name>__blobServiceUri` or `<name>__accountName` name the account and an identity
 * opens it (`<name>__clientId` chooses a user-assigned one).
 * @throws StartError naming the setting
 * @see https://learn.microsoft.com/azure/azure-functions/functions-reference#connections
 */
export function storageConnection(name: string, env: NodeJS.ProcessEnv): StorageConnection {
  const text = env[name] ?? env[`AzureWebJobs${name}`];
  if (text !== undefined && text !== '') return byConnectionString(name, text);
  return byIdentity(name, env);
}

function byConnectionString(setting: string, text: string): StorageConnection {
  try {
    const queues = QueueServiceClient.fromConnectionString(text, RETRIES);
    const blobs = BlobServiceClient.fromConnectionString(text, RETRIES);
    return { setting, queues: () => queues, blobs: () => blobs };
  } catch (error) {
    // the SDK's message may repeat the text, which holds the key
    throw new StartError(`${setting} is not a storage connection string`, error);
  }
}

function byIdentity(setting: string, env: NodeJS.ProcessEnv): StorageConnection {
  const uri = (service: 'queue' | 'blob'): string => {
    const given = env[`${setting}__${service}ServiceUri`];
    if (given !== undefined) return checkedUrl(given, `${setting}__${service}ServiceUri`);
    const account = env[`${setting}__accountName`];
    if (account !== undefined) return `https://${account}.${service}.core.windows.net`;
    throw new StartError(
      `${setting} is not set: give a connection string, or ${setting}__accountName, or ${setting}__${service}ServiceUri`,
    );
  };
  const credential = identity(env[`${setting}__clientId`] ?? env.AZURE_CLIENT_ID);
  return {
    setting,
    queues: () => new QueueServiceClient(uri('queue'), credential(), RETRIES),
    blobs: () => new BlobServiceClient(uri('blob'), credential(), RETRIES),
  };
}

function identity(clientId: string | undefined): () => TokenCredential {
  let credential: TokenCredential | undefined;
  return () => {
    credential ??= new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
    return credential;
  };
}

function checkedUrl(text: string, setting: string): string {
  if (!URL.canParse(text)) throw new StartError(`${setting} is not a URL: ${text}`);
  return text;
}
