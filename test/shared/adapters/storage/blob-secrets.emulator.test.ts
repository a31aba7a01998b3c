import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBlobSecrets } from '../../../../shared/adapters/storage/blob-secrets.ts';
import { azuriteClients } from '../../../contracts/azurite-state.ts';

describe('the master key', () => {
  const seen: string[] = [];
  const newContainer = () =>
    azuriteClients({ onTransaction: (service, method) => seen.push(`${service} ${method}`) }).blobs.getContainerClient(
      `secrets-${randomUUID()}`,
    );

  it('is 32 random bytes in a private blob, read once per process', async () => {
    const container = newContainer();
    const secrets = createBlobSecrets(container);
    await Promise.all([secrets.key('a'), secrets.key('b')]);
    seen.length = 0;
    await secrets.key('c');
    expect(seen).toEqual([]);
    expect(await container.getBlobClient('keys/master').downloadToBuffer()).toHaveLength(32);
    expect((await container.getAccessPolicy()).blobPublicAccess).toBeUndefined();
  });

  it('is never replaced, and one of another length is not used', async () => {
    const container = newContainer();
    await container.create();
    await container.getBlockBlobClient('keys/master').uploadData(Buffer.from('short'));
    await expect(createBlobSecrets(container).key('a')).rejects.toThrow('has 5 bytes');
    expect((await container.getBlobClient('keys/master').downloadToBuffer()).toString()).toBe('short');
  });

  it('is sought again after a failure', async () => {
    const container = newContainer();
    await container.create();
    const blob = container.getBlockBlobClient('keys/master');
    await blob.uploadData(Buffer.from('short'));
    const secrets = createBlobSecrets(container);
    await expect(secrets.key('a')).rejects.toThrow();
    await blob.delete();
    expect(await secrets.key('a')).toHaveLength(32);
  });
});
