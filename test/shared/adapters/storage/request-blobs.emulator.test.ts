import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { tableName } from '../../../../shared/adapters/storage/storage-names.ts';
import { createTableCollections } from '../../../../shared/adapters/storage/table-collections.ts';
import { rememberedOf } from '../../../../shared/domain/retention.ts';
import { openAzuriteState } from '../../../contracts/azurite-state.ts';
import { aCollection, anEvent, aRequest } from '../../../contracts/state-samples.ts';

const LARGE = aRequest({ comment: 'x'.repeat(500_000) });
const TOMORROW = Date.now() + 86_400_000;

/** In a container of its own: a sweep spares only what the tables beside it name. */
async function opened() {
  const { clients, names } = await openAzuriteState();
  const container = clients.blobs.getContainerClient(`requests-${randomUUID()}`);
  await container.create();
  const store = createTableCollections(clients.table(tableName('collections', names)), container);
  const blobsOf = async (collectionId: string) =>
    (await Array.fromAsync(container.listBlobsFlat({ prefix: `requests/${collectionId}/` }))).map(({ name }) => name);
  const orphan = async (collectionId: string) => {
    const name = `requests/${collectionId}/${randomUUID()}.json`;
    await container.getBlockBlobClient(name).uploadData(Buffer.from('{}'));
    return name;
  };
  return { store, blobsOf, orphan };
}

describe('a request kept beside its row', () => {
  it('goes with its collection', async () => {
    const { store, blobsOf } = await opened();
    const at = Date.now();
    const ended = aCollection({
      ended: true,
      endedAt: at,
      closing: { at, state: 'failed', outcome: 'none' },
    });
    await store.create(ended, LARGE, [anEvent()]);
    expect(await blobsOf(ended.collectionId)).toHaveLength(1);
    const header = await store.header(ended.collectionId);
    if (header) await store.remove(header, rememberedOf(ended, at));
    expect(await blobsOf(ended.collectionId)).toEqual([]);
  });

  it('is swept when no row names it and it is old', async () => {
    const { store, blobsOf, orphan } = await opened();
    const nobody = randomUUID();
    const open = aCollection();
    await store.create(open, LARGE, [anEvent()]);
    const named = await blobsOf(open.collectionId);
    await orphan(nobody);
    await orphan(open.collectionId);
    await sweepAll(store, TOMORROW);
    expect(await blobsOf(nobody)).toEqual([]);
    expect(await blobsOf(open.collectionId)).toEqual(named);
    expect(await store.request(open.collectionId)).toEqual(LARGE);
  });

  it('is left alone while its row may still come', async () => {
    const { store, blobsOf, orphan } = await opened();
    const coming = randomUUID();
    const name = await orphan(coming);
    await sweepAll(store, Date.now() - 60_000);
    expect(await blobsOf(coming)).toEqual([name]);
  });
});

/** Two at a time, so that it takes several pages. */
async function sweepAll(store: Awaited<ReturnType<typeof opened>>['store'], before: number): Promise<void> {
  let page = await store.sweepRequests({ before, top: 2 });
  while (page.continuation !== undefined)
    page = await store.sweepRequests({ before, top: 2, continuation: page.continuation });
}
