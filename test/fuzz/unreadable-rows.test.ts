import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../../shared/domain/time.ts';
import { devices } from '../world/fleet.ts';
import { collectionOf } from '../world/seen.ts';
import { createWorld, type World } from '../world/world.ts';

type Reading = 'request' | 'header' | 'tasksById';

/** From now on this row of one collection cannot be read: somebody else has written into the table. */
function damage(world: World, reading: Reading, collectionId: string): void {
  const { collections } = world.state;
  const proper = collections[reading].bind(collections) as (id: string, ...more: unknown[]) => Promise<unknown>;
  const damaged = async (id: string, ...more: unknown[]) => {
    if (id === collectionId) throw new SyntaxError('Unexpected token in JSON');
    return proper(id, ...more);
  };
  Object.assign(world.deps.collections, { [reading]: damaged });
}

const [first, ...others] = devices(12);
if (!first) throw new Error('no device');

describe('a collection with a row that cannot be read', () => {
  it.each<[Reading, number]>([
    ['request', 5],
    ['header', 5],
    ['tasksById', 5],
    ['header', 90],
    ['tasksById', 90],
    ['header', 60],
    ['tasksById', 60],
  ])('(%s, after %i s) holds up no other', async (reading, afterS) => {
    const world = createWorld({ devices: [first, ...others], settings: { sessions: 8 } });
    const damaged = await world.ask({ devices: [first], priority: 'urgent' });
    await world.run(afterS * 1000);
    damage(world, reading, damaged);
    const proper = await world.ask({ devices: others });
    await world.runUntilEnded(proper, { atMost: minutes(30) });
    expect((await collectionOf(world, proper)).counts).toMatchObject({ archived: others.length });
    await world.run(hours(1));
    const late = await world.ask({ devices: others });
    await world.runUntilEnded(late, { atMost: minutes(30) });
    expect((await collectionOf(world, late)).counts).toMatchObject({ archived: others.length });
    expect(world.log.entries.some((entry) => entry.level === 'error')).toBe(true);
  });
});
