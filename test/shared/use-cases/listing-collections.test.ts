import { describe, expect, it } from 'vitest';
import { ForeignContinuation } from '../../../shared/domain/foreign-continuation.ts';
import { listKey, listsPartition } from '../../../shared/domain/index-keys.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { type ListFilter, listCollections } from '../../../shared/use-cases/list-collections.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { aCollection } from '../domain/samples.ts';

const ghost = (name: string) => ({ targets: [{ computerDnsName: `${name}.contoso.com` }] });

async function listed(world: World, filter: Partial<ListFilter> = {}): Promise<string[]> {
  const { value } = await listCollections(world.deps, { top: 50, ...filter });
  return value.map((c) => c.collectionId);
}

/** Ids page by page, from the first. */
async function pages(world: World, filter: ListFilter): Promise<string[][]> {
  const all: string[][] = [];
  let continuation: string | undefined;
  do {
    const page = await listCollections(world.deps, {
      ...filter,
      ...(continuation === undefined ? {} : { continuation }),
    });
    all.push(page.value.map((c) => c.collectionId));
    continuation = page.continuation;
  } while (continuation !== undefined);
  return all;
}

/** Collections asked for a minute apart, the first at START. */
async function asked(world: World, ...requests: Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const request of requests) {
    ids.push(await world.ask({ ...ghost('ws'), ...request }));
    world.clock.moveTo(world.clock.now() + minutes(1));
  }
  return ids;
}

describe('a list of collections', () => {
  it('shows the newest first', async () => {
    const world = createWorld();
    const [a, b, c] = await asked(world, {}, {}, {});
    expect(await listed(world)).toEqual([c, b, a]);
  });

  it('is empty for a window that is', async () => {
    const world = createWorld();
    await asked(world, {}, {});
    expect(await listed(world, { from: START, to: START })).toEqual([]);
  });

  it('is told page by page, without a link where nothing follows', async () => {
    const world = createWorld();
    const [a, b, c, d] = await asked(world, {}, {}, {}, {});
    expect(await pages(world, { top: 3 })).toEqual([[d, c, b], [a]]);
    expect(await pages(world, { top: 2 })).toEqual([
      [d, c],
      [b, a],
    ]);
    expect(await pages(world, { top: 4 })).toEqual([[d, c, b, a]]);
  });

  it('holds what was created from one instant on and before another', async () => {
    const world = createWorld();
    const [a, b, c] = await asked(world, {}, {}, {});
    expect(await listed(world, { from: START + minutes(1) })).toEqual([c, b]);
    expect(await listed(world, { to: START + minutes(1) })).toEqual([a]);
    expect(await listed(world, { from: START + 1, to: START + minutes(2) })).toEqual([b]);
    expect(await pages(world, { top: 1, from: START, to: START + minutes(2) })).toEqual([[b], [a]]);
  });

  it('of a case holds that case alone', async () => {
    const world = createWorld();
    const [a, b] = await asked(world, { caseId: 'INC-1' }, { caseId: 'INC-2' }, {});
    expect(await listed(world, { caseId: 'INC-1' })).toEqual([a]);
    expect(await listed(world, { caseId: 'INC-2' })).toEqual([b]);
    expect(await listed(world, { caseId: 'INC-3' })).toEqual([]);
  });

  it('of a state follows the collections through their states', async () => {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    const id = await world.ask({ devices: [anna] });
    expect(await listed(world, { state: 'queued' })).toEqual([id]);
    expect(await listed(world, { state: 'running' })).toEqual([]);
    await world.run(seconds(90));
    expect(await listed(world, { state: 'queued' })).toEqual([]);
    expect(await listed(world, { state: 'running' })).toEqual([id]);
    await world.runUntilEnded(id, { atMost: minutes(10) });
    for (const state of ['queued', 'running', 'failed'] as const) expect(await listed(world, { state })).toEqual([]);
    expect(await listed(world, { state: 'completed' })).toEqual([id]);
  });

  it.each(['cancelled', 'expired', 'failed'] as const)(
    'shows a collection that is %s under that state',
    async (state) => {
      const asleep = device({ awake: 'never' });
      const world = createWorld({ devices: [asleep] });
      const target = state === 'failed' ? ghost('nobody') : { devices: [asleep] };
      const expiry = state === 'expired' ? { expiresAt: new Date(START + minutes(2)).toISOString() } : {};
      const id = await world.ask({ ...target, ...expiry });
      if (state === 'cancelled')
        await world.call((deps) => cancelCollection(deps, id, { by: { kind: 'http' } }).then(() => 1));
      await world.runUntilEnded(id, { atMost: hours(1) });
      expect(await listed(world, { state })).toEqual([id]);
      expect(await listed(world, { state: 'completed' })).toEqual([]);
    },
  );

  it('of a machine holds those with a task of it, narrowed by case and state', async () => {
    const [one, two] = devices(2) as [ReturnType<typeof device>, ReturnType<typeof device>];
    const world = createWorld({ devices: [one, two] });
    const a = await world.ask({ devices: [one], caseId: 'INC-1' });
    const b = await world.ask({ devices: [one, two], caseId: 'INC-2' });
    const c = await world.ask({ devices: [two] });
    await world.run(seconds(5));
    const machineId = idOf(one);
    expect(new Set(await listed(world, { machineId }))).toEqual(new Set([a, b]));
    expect(new Set(await listed(world, { machineId: idOf(two) }))).toEqual(new Set([b, c]));
    expect(await listed(world, { machineId, caseId: 'INC-2' })).toEqual([b]);
    expect(await listed(world, { machineId, state: 'completed' })).toEqual([]);
    expect(await listed(world, { caseId: 'INC-1', state: 'completed' })).toEqual([]);
  });

  it('leaves out rows that no collection stands behind, and rows of an earlier state', async () => {
    const world = createWorld();
    const [a] = await asked(world, {});
    const stale = listKey('all', aCollection([], { collectionId: 'gone', createdAt: START }));
    const misplaced = listKey('all', aCollection([], { collectionId: String(a), createdAt: START + 5 }));
    await world.state.index.write(listsPartition('contoso'), { put: [{ key: stale }, { key: misplaced }] });
    expect(await listed(world)).toEqual([a]);
  });

  it('gives a short page with a link to go on where thousands of rows lead nowhere', async () => {
    const world = createWorld();
    const [last] = await asked(world, {});
    const put = Array.from({ length: 2_100 }, (_, i) => ({
      key: listKey('all', aCollection([], { collectionId: 'gone', createdAt: START + minutes(5) + i })),
    }));
    await world.state.index.write(listsPartition('contoso'), { put });
    expect(await pages(world, { top: 10 })).toEqual([[], [last]]);
  });
});

describe('a continuation', () => {
  const token = (text: string): string => Buffer.from(text).toString('base64url');

  it.each([
    ['of nothing', ''],
    ['that is no token', 'x'],
    ['of another list', token('state|open|123')],
    ['before the list', token('all')],
    ['at its end', token('all|~')],
    ['with a character that no key has', token('all|1 2')],
    ['that begins like a key and goes on otherwise', token('all|1\n')],
  ])('%s is refused', async (_, continuation) => {
    const world = createWorld();
    await expect(listCollections(world.deps, { top: 1, continuation })).rejects.toThrow(ForeignContinuation);
  });

  it('of a window is refused in an earlier one', async () => {
    const world = createWorld();
    await asked(world, {}, {});
    const { continuation = '' } = await listCollections(world.deps, { top: 1 });
    expect(await listed(world, { continuation })).toHaveLength(1);
    await expect(listCollections(world.deps, { top: 1, continuation, to: START })).rejects.toThrow(ForeignContinuation);
  });
});
