import { RestError } from '@azure/storage-blob';
import { StartError } from './start-error.ts';

/** Storage's own error code (`QueueNotFound`), or the network's (`ECONNREFUSED`). */
export function storageCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** DNS does not know the account, or the account does not know the key: waiting will not help. */
export function asStartError(error: unknown, setting: string): StartError | undefined {
  const code = storageCode(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new StartError(`${setting} names a storage account that does not exist (${code})`, error);
  const status = isRestError(error) ? error.statusCode : undefined;
  if (status === 401 || status === 403)
    return new StartError(`${setting} is refused by its storage account (${status} ${code ?? ''})`.trim(), error);
  if (
    error instanceof Error &&
    /CredentialUnavailable|AuthenticationError|AggregateAuthenticationError/.test(error.name)
  )
    return new StartError(`${setting}: no identity could sign in to its storage account`, error);
  return undefined;
}

function isRestError(error: unknown): error is RestError {
  return error instanceof RestError || (error instanceof Error && error.name === 'RestError');
}
