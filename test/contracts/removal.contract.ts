import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Collection } from '../../shared/domain/collection.ts';
import { type RemovedCollection, rememberedOf } from '../../shared/domain/retention.ts';
import { days } from '../../shared/domain/time.ts';
import type { CollectionStore, Versioned } from '../../shared/ports.ts';
import { AWKWARD_TEXT, aCollection, anEvent, aRequest, aTask } from './state-samples.ts';

/** What must hold of the removal of collections, wherever they lie. */
export function removalContract(name: string, open: () => Promise<CollectionStore>): void {
  describe(`removal of collections in ${name}`, () => {
    let store: CollectionStore;
    beforeAll(async () => {
      store = await open();
    });

    it('hides the collection and keeps what is remembered of it', async () => {
      const { header, removed } = await storedEnded(store);
      expect(await store.remove(header, removed)).toBe('written');
      const { collectionId } = header.value;
      expect(await store.header(collectionId)).toBeUndefined();
      expect(await store.request(collectionId)).toBeUndefined();
      expect((await store.removed(collectionId))?.value).toEqual(removed);
    });

    it('knows nothing removed of one that is there, or never was', async () => {
      const { header } = await storedEnded(store);
      expect(await store.removed(header.value.collectionId)).toBeUndefined();
      expect(await store.removed(randomUUID())).toBeUndefined();
      expect(await store.removed('no/key')).toBeUndefined();
    });

    it('keeps the id taken', async () => {
      const { header, removed } = await storedEnded(store);
      await store.remove(header, removed);
      expect(await store.create(header.value, aRequest(), [anEvent()])).toBe('exists');
      expect((await store.removed(header.value.collectionId))?.value).toEqual(removed);
    });

    it('leaves a collection alone that somebody has written since', async () => {
      const { header, removed } = await storedEnded(store);
      await store.commit({ header, events: [anEvent({ type: 'artifact.linkIssued' })] });
      expect(await store.remove(header, removed)).toBe('conflict');
      expect(await store.header(header.value.collectionId)).toBeDefined();
      expect(await store.request(header.value.collectionId)).toEqual(aRequest());
      expect(await store.removed(header.value.collectionId)).toBeUndefined();
    });

    it('is won by one of two at the same time', async () => {
      const { header, removed } = await storedEnded(store);
      const tries = await Promise.all([store.remove(header, removed), store.remove(header, removed)]);
      expect(tries.sort()).toEqual(['conflict', 'written']);
    });

    it('lets no change of the removed collection through', async () => {
      const { header, removed } = await storedEnded(store);
      await store.remove(header, removed);
      const { collectionId } = header.value;
      const change = { header, tasks: [aTask(collectionId, 'late')], events: [anEvent()] };
      expect(await store.commit(change)).toBe('conflict');
      expect(await store.commit({ ...change, removedTaskIds: ['t1'] })).toBe('conflict');
      expect(await store.tasksById(collectionId, ['late', 't1'])).toHaveLength(1);
    });

    it('clears the rows of a collection in pieces, tasks first', async () => {
      const { header, removed } = await storedEnded(store, { tasks: 3, events: 4 });
      await store.remove(header, removed);
      const { collectionId } = header.value;
      expect((await store.tasks(collectionId, { top: 10 })).value).toHaveLength(3);
      expect(await store.clear(collectionId, 2)).toBe(2);
      expect((await store.tasks(collectionId, { top: 10 })).value).toHaveLength(1);
      expect(await store.clear(collectionId, 4)).toBe(4);
      expect((await store.tasks(collectionId, { top: 10 })).value).toEqual([]);
      expect((await store.custody(collectionId, { top: 10 })).value).toHaveLength(2);
      expect(await store.clear(collectionId, 100)).toBe(2);
      expect(await store.clear(collectionId, 100)).toBe(0);
      expect((await store.custody(collectionId, { top: 10 })).value).toEqual([]);
    });

    it('clears more rows than one transaction holds', async () => {
      const { header, removed } = await storedEnded(store, { tasks: 120, events: 130 });
      await store.remove(header, removed);
      expect(await store.clear(header.value.collectionId, 1000)).toBe(251);
    });

    it('can be cleared by two at the same time', async () => {
      const { header, removed } = await storedEnded(store, { tasks: 30, events: 30 });
      await store.remove(header, removed);
      const { collectionId } = header.value;
      await Promise.all([store.clear(collectionId, 1000), store.clear(collectionId, 1000)]);
      expect(await store.clear(collectionId, 1000)).toBe(0);
    });

    it('leaves the rows of others alone', async () => {
      const kept = await storedEnded(store, { tasks: 2, events: 1 });
      const { header, removed } = await storedEnded(store, { tasks: 2, events: 1 });
      await store.remove(header, removed);
      await store.clear(header.value.collectionId, 1000);
      expect((await store.tasks(kept.header.value.collectionId, { top: 10 })).value).toHaveLength(2);
      expect((await store.custody(kept.header.value.collectionId, { top: 10 })).value).toHaveLength(2);
    });

    it('frees the id when the collection is forgotten', async () => {
      const { header, removed } = await storedEnded(store);
      await store.remove(header, removed);
      const { collectionId } = header.value;
      await store.clear(collectionId, 1000);
      const memory = await memoryOf(store, collectionId);
      expect(await store.forget(memory)).toBe('written');
      expect(await store.removed(collectionId)).toBeUndefined();
      expect(await store.forget(memory)).toBe('conflict');
      expect(await store.create(aCollection({ collectionId }), aRequest(), [anEvent()])).toBe('created');
    });

    it('does not forget a collection that came anew', async () => {
      const { header, removed } = await storedEnded(store);
      await store.remove(header, removed);
      const { collectionId } = header.value;
      await store.clear(collectionId, 1000);
      const memory = await memoryOf(store, collectionId);
      await store.forget(memory);
      await store.create(aCollection({ collectionId }), aRequest(), [anEvent()]);
      expect(await store.forget(memory)).toBe('conflict');
      expect(await store.request(collectionId)).toEqual(aRequest());
    });

    it('remembers texts of every kind', async () => {
      const { header } = await storedEnded(store, {}, { caseId: AWKWARD_TEXT });
      const removed = rememberedOf(header.value, header.value.updatedAt + days(90));
      await store.remove(header, removed);
      expect((await store.removed(header.value.collectionId))?.value.caseId).toBe(AWKWARD_TEXT);
    });
  });
}

interface Ended {
  header: Versioned<Collection>;
  removed: RemovedCollection;
}

/** @param rows besides the event of its creation */
async function storedEnded(
  store: CollectionStore,
  { tasks = 1, events = 0 } = {},
  fields: Partial<Collection> = {},
): Promise<Ended> {
  const at = Date.UTC(2026, 10, 24, 13);
  const collection = aCollection({
    ended: true,
    endedAt: at,
    closing: { at, state: 'completed', outcome: 'complete' },
    manifest: { blobName: 'uncased/x/manifest.json', bytes: 7, sha256: 'a'.repeat(64) },
    ...fields,
  });
  const { collectionId } = collection;
  await store.create(collection, aRequest(), [anEvent()]);
  for (let start = 0; start < Math.max(tasks, events); start += 40) {
    const header = await storedHeader(store, collectionId);
    await store.commit({
      header,
      tasks: numbers(start, tasks).map((n) => aTask(collectionId, `t${n}`)),
      events: numbers(start, events).map(() => anEvent()),
    });
  }
  return { header: await storedHeader(store, collectionId), removed: rememberedOf(collection, at + days(90)) };
}

const numbers = (start: number, end: number): number[] =>
  Array.from({ length: Math.max(0, Math.min(40, end - start)) }, (_, offset) => start + offset + 1);

async function storedHeader(store: CollectionStore, collectionId: string): Promise<Versioned<Collection>> {
  const header = await store.header(collectionId);
  if (!header) throw new Error('the collection is not there');
  return header;
}

async function memoryOf(store: CollectionStore, collectionId: string): Promise<Versioned<RemovedCollection>> {
  const memory = await store.removed(collectionId);
  if (!memory) throw new Error('the collection is not remembered');
  return memory;
}
