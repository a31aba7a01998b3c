import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import { rememberedOf } from '../../shared/domain/retention.ts';
import type { CollectionStore, Registers, Versioned } from '../../shared/ports.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { aCollection, anEvent, aRequest, aTask } from './state-samples.ts';

/** Both live through the same random changes, by fresh and stale versions, and must answer alike. */
const RUNS = { numRuns: 40, interruptAfterTimeLimit: 15_000 };

const azurite = sharedAzuriteState();

const taskId = fc.constantFrom('t1', 't2', 't3', "it's", 'é', 'T1');
const stale = fc.boolean();
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('create' as const), events: fc.nat({ max: 2 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      stale,
      tasks: fc.uniqueArray(taskId, { maxLength: 3 }),
      removed: fc.uniqueArray(taskId, { maxLength: 3 }),
      events: fc.nat({ max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), stale }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), rows: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('look' as const), top: fc.integer({ min: 1, max: 3 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe('memory and tables answer alike', () => {
  it('as a collection store', async () => {
    const twins = [(await azurite()).collections, createMemoryState().collections];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const header = aCollection();
        const [tables, memory] = await Promise.all(twins.map((store) => life(store, header, steps)));
        expect(memory).toEqual(tables);
      }),
      RUNS,
    );
  });

  const write = fc.record({
    name: fc.constantFrom('calls', 'wake'),
    version: fc.constantFrom('none', 'fresh', 'stale'),
  });
  it('as registers', async () => {
    const twins = [(await azurite()).registers, createMemoryState().registers];
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 10 }), async (writes) => {
        const tenant = randomUUID();
        const answers = async (registers: Registers) => {
          const seen: unknown[] = [];
          const before = new Map<string, string | undefined>();
          for (const [n, { name, version }] of writes.entries()) {
            const now = await registers.read(tenant, name);
            const etag = { none: undefined, fresh: now?.etag, stale: before.get(name) }[version];
            seen.push(now?.value, await registers.write(tenant, name, { n }, etag));
            before.set(name, now?.etag);
          }
          return seen;
        };
        const [tables, memory] = await Promise.all(twins.map(answers));
        expect(memory).toEqual(tables);
      }),
      RUNS,
    );
  });
});

const ENDED = { ended: true, endedAt: 1, closing: { at: 1, state: 'completed', outcome: 'complete' } } as const;

async function life(store: CollectionStore, fresh: Collection, steps: Step[]): Promise<unknown[]> {
  const { collectionId } = fresh;
  const seen: unknown[] = [await store.create(fresh, aRequest(), [anEvent()])];
  let before = await store.header(collectionId);
  for (const [n, one] of steps.entries()) {
    const now = await store.header(collectionId);
    const header = 'stale' in one && one.stale ? before : now;
    seen.push(await answer(store, fresh, one, { header, n }));
    before = now;
  }
  return [...seen, await everything(store, collectionId, 100)];
}

async function answer(
  store: CollectionStore,
  fresh: Collection,
  one: Step,
  { header, n }: { header: Versioned<Collection> | undefined; n: number },
): Promise<unknown> {
  const { collectionId } = fresh;
  const some = (count: number) => Array.from({ length: count }, () => anEvent({ data: { n } }));
  switch (one.do) {
    case 'create':
      return store.create({ ...fresh, comment: `${n}` }, aRequest({ comment: `${n}` }), some(one.events));
    case 'commit': {
      if (!header) return 'no header';
      const tasks = one.tasks.map((id) => aTask(collectionId, id, { attempts: n }));
      const removedTaskIds = one.removed.filter((id) => !one.tasks.includes(id));
      const changed = { ...header, value: { ...header.value, comment: `${n}` } };
      const end = await store.commit({ header: changed, tasks, removedTaskIds, events: some(one.events) });
      return end === 'conflict' ? end : end.value;
    }
    case 'remove':
      return header ? store.remove(header, rememberedOf({ ...header.value, ...ENDED }, n)) : 'no header';
    case 'clear':
      // only what was removed is ever cleared
      return (await store.removed(collectionId)) ? store.clear(collectionId, one.rows) : 'not removed';
    case 'forget': {
      const memory = await store.removed(collectionId);
      if (!memory) return 'not removed';
      while ((await store.clear(collectionId, 100)) > 0);
      return store.forget(memory);
    }
    case 'look':
      return everything(store, collectionId, one.top);
  }
}

async function everything(store: CollectionStore, collectionId: string, top: number): Promise<unknown> {
  const first = await store.tasks(collectionId, { top });
  const { continuation } = first;
  const custody = await store.custody(collectionId, { top });
  return {
    header: (await store.header(collectionId))?.value,
    request: await store.request(collectionId),
    removed: (await store.removed(collectionId))?.value,
    byId: await store.tasksById(collectionId, ['é', 't3', 'T1', 'never', 't1', "it's"]),
    tasks: [first.value, continuation && (await store.tasks(collectionId, { top, continuation })).value],
    custody: [custody.value, custody.continuation !== undefined],
  };
}
