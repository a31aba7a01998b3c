import { randomUUID } from 'node:crypto';
import { createBlobSecrets } from '../../shared/adapters/storage/blob-secrets.ts';
import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { azuriteClients } from './azurite-state.ts';
import { secretsContract } from './secrets.contract.ts';

secretsContract('memory', async () => {
  const { secrets } = createMemoryState();
  return () => secrets;
});

secretsContract('a blob on Azurite', async () => {
  // Nobody has made the container: the first instance does.
  const container = `secrets-${randomUUID()}`;
  return () => createBlobSecrets(azuriteClients().blobs.getContainerClient(container));
});
