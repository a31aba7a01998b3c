/** Names of errors that only the storage clients and their sign-in throw. */
const STORAGE_ERRORS: ReadonlySet<string> = new Set([
  'RestError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
]);

/** Whether an error, or what caused it, comes from the storage: the caller may simply try again later. */
export function isStorageFault(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (STORAGE_ERRORS.has(cause.name)) return true;
  return false;
}
