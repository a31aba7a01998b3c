import { describe, expect, it } from 'vitest';
import { listKey, listsPartition } from '../../../shared/domain/index-keys.ts';
import { days, hours, minutes } from '../../../shared/domain/time.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { listCollections } from '../../../shared/use-cases/list-collections.ts';
import { idOf, targetsOf } from '../../world/asking.ts';
import { devices } from '../../world/fleet.ts';
import { collectionOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const KEPT_DAYS = 90;
const LISTS = listsPartition('contoso');
const fleet = devices(2);
const caseId = 'INC 7/2026 ü';
/** No such device is known, so its task never had a machine id. */
const ghost = { computerDnsName: 'ghost.contoso.com' };

async function ended(world: World): Promise<string> {
  const id = await world.ask({ targets: [...targetsOf(fleet), ghost], caseId });
  await world.runUntilEnded(id, { atMost: hours(1) });
  // the next heartbeats clear away what the attempts held
  await world.run(minutes(3));
  return id;
}

/** The lists in which a collection stands, as their names begin. */
async function listsWith(world: World, id: string): Promise<string[]> {
  const { value } = await world.state.index.range(LISTS, { from: '0', to: '~', top: 1000 });
  return value.flatMap(({ key }) => (key.endsWith(id) ? [key.split('|').slice(0, -2).join('|')] : []));
}

describe('a collection whose time is over', () => {
  it('goes from every list: of all, of its end, of its case and of each of its devices, also where one was never found', async () => {
    const world = createWorld({ devices: fleet });
    const id = await ended(world);
    const machines = fleet.map((one) => `machine|${idOf(one)}`);
    const lists = ['all', expect.stringMatching(/^case\|[0-9a-f]{32}$/), ...machines.sort(), 'state|completed'];
    expect(await listsWith(world, id)).toEqual(lists);
    world.clock.moveTo(world.clock.now() + days(KEPT_DAYS));
    expect(await keepHouse(world.deps)).toMatchObject({ removed: 1 });
    expect(await listsWith(world, id)).toEqual([]);
  });

  it('goes from the open ones as well, where a crash had left it', async () => {
    const world = createWorld({ devices: fleet });
    const id = await ended(world);
    const left = listKey('state|open', await collectionOf(world, id));
    await world.state.index.write(LISTS, { put: [{ key: left }] });
    expect(await listsWith(world, id)).toContain('state|open');
    world.clock.moveTo(world.clock.now() + days(KEPT_DAYS));
    await keepHouse(world.deps);
    expect(await listsWith(world, id)).toEqual([]);
  });

  it('leaves a later one of the same case and devices in every list', async () => {
    const world = createWorld({ devices: fleet });
    await ended(world);
    world.clock.moveTo(world.clock.now() + days(KEPT_DAYS));
    const later = await ended(world);
    const before = await listsWith(world, later);
    expect(await keepHouse(world.deps)).toMatchObject({ removed: 1 });
    expect(await listsWith(world, later)).toEqual(before);
    const { value } = await listCollections(world.deps, { caseId, top: 10 });
    expect(value.map(({ collectionId }) => collectionId)).toEqual([later]);
  });

  it('stands only in the list of all while its rows are being cleared, which leads back to it after a crash', async () => {
    const world = createWorld({ devices: fleet });
    const id = await ended(world);
    world.clock.moveTo(world.clock.now() + days(KEPT_DAYS));
    const collections = { ...world.deps.collections, clear: () => Promise.reject(new Error('crashed')) };
    await keepHouse({ ...world.deps, collections });
    expect(await listsWith(world, id)).toEqual(['all']);
    expect((await world.state.collections.tasks(id, { top: 10 })).value).toHaveLength(3);
    world.clock.moveTo(world.clock.now() + days(1));
    await keepHouse(world.deps);
    expect(await listsWith(world, id)).toEqual([]);
    expect((await world.state.collections.tasks(id, { top: 10 })).value).toEqual([]);
  });
});
