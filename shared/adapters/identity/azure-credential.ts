import {
  ChainedTokenCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';

/**
 * Who Holdfast is: the user-assigned managed identity when one is named, else whatever the surroundings offer (the
 * system-assigned identity in Azure, the sign-in of a developer's tools elsewhere). Asks for nothing yet.
 */
export function createCredential(identity: { clientId?: string; authorityHost?: string }): TokenCredential {
  const { clientId, authorityHost } = identity;
  const authority = authorityHost === undefined ? {} : { authorityHost };
  if (clientId === undefined) return new DefaultAzureCredential({ ...authority });
  return new ChainedTokenCredential(
    new ManagedIdentityCredential({ clientId, retryOptions: { maxRetries: 2 } }),
    new DefaultAzureCredential({ managedIdentityClientId: clientId, ...authority }),
  );
}
