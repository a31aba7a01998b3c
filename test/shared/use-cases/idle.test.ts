import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { readCapacity } from '../../../shared/use-cases/read-capacity.ts';
import { readCollection } from '../../../shared/use-cases/read-collection.ts';
import { devices } from '../../world/fleet.ts';
import { callCounts } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

async function costOf(world: World, work: () => Promise<unknown>): Promise<{ defender: number; storage: number }> {
  const before = callCounts(world);
  await work();
  const after = callCounts(world);
  return { defender: after.defender - before.defender, storage: after.storage - before.storage };
}

describe('an idle hour', () => {
  it('costs no Defender call and at most two storage calls a heartbeat', async () => {
    const world = createWorld();
    const cost = await costOf(world, () => world.run(hours(1)));
    expect(cost.defender).toBe(0);
    expect(cost.storage).toBeLessThanOrEqual(240);
  });

  it('costs the same after a day of work', async () => {
    const fleet = devices(50);
    const world = createWorld({ devices: fleet });
    const asked = await world.ask({ devices: fleet });
    await world.runUntilEnded(asked, { atMost: hours(2) });
    await world.run(minutes(5));
    const cost = await costOf(world, () => world.run(hours(1)));
    expect(cost.defender).toBe(0);
    expect(cost.storage).toBeLessThanOrEqual(240);
  });

  it('is 120 heartbeats and no message', async () => {
    const world = createWorld();
    await world.run(hours(1));
    expect(world.state.queues.nextVisibleAt()).toBeUndefined();
    expect(world.calls.get('queues.send')).toBeUndefined();
  });
});

describe('reading', () => {
  it('costs no Defender call, whatever is under way', async () => {
    const fleet = devices(50);
    const world = createWorld({ devices: fleet });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(seconds(70));
    const cost = await costOf(world, async () => {
      for (let i = 0; i < 20; i += 1) {
        expect(await world.call(async (deps) => (await readCollection(deps, collectionId)) ?? 'none')).not.toBe('none');
        await world.call(readCapacity);
      }
    });
    expect(cost.defender).toBe(0);
  });
});
