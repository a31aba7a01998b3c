import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../shared/domain/time.ts';
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
});
