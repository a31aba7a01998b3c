import { describe, expect, it } from 'vitest';
import type { Priority } from '../../../shared/domain/request/collection-request.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { newcomerStartAt } from '../../../shared/use-cases/queue-snapshot.ts';
import { readCapacity } from '../../../shared/use-cases/read-capacity.ts';
import { readCollection, readTasks } from '../../../shared/use-cases/read-collection.ts';
import { devices } from '../../world/fleet.ts';
import { createWorld, type World } from '../../world/world.ts';

const manyTargets = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ computerDnsName: `ghost${String(i)}.contoso.com` }));

async function read(world: World, collectionId: string) {
  const found = await readCollection(world.deps, collectionId);
  if (!found) throw new Error('the collection is not found');
  return found;
}

/** Every task that answers show, from the first page on; `between` comes after that page. */
async function taskIdsShown(world: World, collectionId: string, between = async () => {}): Promise<string[]> {
  const first = await read(world, collectionId);
  await between();
  const ids = first.view.tasks.map(({ taskId }) => taskId);
  let { continuation } = first;
  while (continuation !== undefined) {
    const page = await readTasks(world.deps, collectionId, { top: 100, continuation });
    ids.push(...(page?.value ?? []).map(({ taskId }) => taskId));
    continuation = page?.continuation;
  }
  return ids;
}

describe('the tasks of a collection', () => {
  it('can all be read before their rows are written', async () => {
    const world = createWorld();
    const collectionId = await world.ask({ targets: manyTargets(250) });
    expect(new Set(await taskIdsShown(world, collectionId)).size).toBe(250);
  });

  it('can all be read although their rows are written between two pages', async () => {
    const world = createWorld();
    const collectionId = await world.ask({ targets: manyTargets(250) });
    const ids = await taskIdsShown(world, collectionId, () => world.run(minutes(1)));
    expect(ids).toHaveLength(250);
    expect(ids).toEqual(await taskIdsShown(world, collectionId));
  });
});

describe('an estimate', () => {
  it('for a request that comes now lies behind all who wait; for an urgent one only behind the limit', async () => {
    const fleet = devices(30);
    const world = createWorld({ devices: fleet, settings: { submitsPerMinute: 2 } });
    expect(await newcomerStartAt(world.deps, 'normal')).toBe(world.clock.now());
    await world.ask({ devices: fleet });
    await world.run(seconds(15));
    const untilStart = async (priority: Priority) =>
      ((await newcomerStartAt(world.deps, priority)) ?? 0) - world.clock.now();
    expect(await untilStart('normal')).toBeGreaterThan(minutes(12));
    expect(await untilStart('urgent')).toBeLessThan(minutes(1));
    const load = () => Promise.reject(new Error('503'));
    expect(await newcomerStartAt({ ...world.deps, work: { ...world.deps.work, load } }, 'normal')).toBeUndefined();
  });

  it('of a start is no earlier than the next submit that Defender allows', async () => {
    const fleet = devices(5);
    const world = createWorld({ devices: fleet, settings: { submitsPerMinute: 2 } });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(seconds(10));
    const { submits, queueEmptyAt } = await readCapacity(world.deps);
    const { view } = await read(world, collectionId);
    const starts = view.tasks.flatMap(({ waiting }) => (waiting ? [waiting.estimatedStartAt ?? 'unknown'] : []));
    expect(starts).toHaveLength(3);
    expect(starts[0]).toBe(submits.nextAt);
    expect(starts).toEqual([...starts].sort());
    expect(queueEmptyAt).toBe(starts[2]);
  });

  it('of a collection’s first start is that of its own first task, behind all that waits before', async () => {
    const fleet = devices(25);
    const world = createWorld({ devices: fleet });
    await world.ask({ devices: fleet.slice(0, 20) });
    const behind = await world.ask({ devices: fleet.slice(20) });
    await world.run(seconds(10));
    const { firstStartAt, view } = await read(world, behind);
    expect(view.tasks.map(({ waiting }) => waiting?.queuePosition)).toEqual([11, 12, 13, 14, 15]);
    expect(firstStartAt).toBe(Date.parse(view.tasks[0]?.waiting?.estimatedStartAt ?? ''));
    expect(firstStartAt).toBeGreaterThan(world.clock.now() + minutes(1));
  });

  it('of a first start is not given where nothing waits for its turn', async () => {
    const fleet = devices(1);
    const world = createWorld({ devices: fleet });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(seconds(10));
    expect((await read(world, collectionId)).firstStartAt).toBeUndefined();
  });
});
