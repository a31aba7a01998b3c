import { describe, expect, it } from 'vitest';
import { days, hours, minutes } from '../../../shared/domain/time.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { notePoison, readPoisonReasons } from '../../../shared/use-cases/poison-reasons.ts';
import { readManifest } from '../../../shared/use-cases/read-evidence.ts';
import { readRemoved, tellRemoved } from '../../../shared/use-cases/removed-collection.ts';
import { dispatchHeartbeat, pollHeartbeat } from '../../../shared/use-cases/run-tick.ts';
import { device } from '../../world/fleet.ts';
import { callCounts, collectionOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const KEPT_DAYS = 90;
const anna = device();
const sleeper = device({ computerDnsName: 'boris.contoso.com', awake: 'never' });

async function ended(world: World, fields: Record<string, unknown> = {}): Promise<string> {
  const collectionId = await world.ask({ devices: [anna], ...fields });
  await world.runUntilEnded(collectionId, { atMost: hours(1) });
  // the next heartbeats clear away what the attempt held
  await world.run(minutes(3));
  return collectionId;
}

async function daysLater(world: World, count: number) {
  world.clock.moveTo(world.clock.now() + days(count));
  return keepHouse(world.deps);
}

async function listed(world: World): Promise<string[]> {
  const rows = await world.state.index.range('contoso|lists', { from: '0', to: '~', top: 1000 });
  return rows.value.map(({ key }) => key.split('|').at(-1) ?? '');
}

describe('housekeeping', () => {
  it('keeps the state of an ended collection for its time, and takes all of it away afterwards, evidence never', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await ended(world);
    const evidence = world.evidence.names();
    expect(await daysLater(world, KEPT_DAYS - 1)).toMatchObject({ removed: 0 });
    expect((await collectionOf(world, id)).ended).toBe(true);

    expect(await daysLater(world, 1)).toMatchObject({ removed: 1 });
    expect(await world.state.collections.header(id)).toBeUndefined();
    expect((await world.state.collections.tasks(id, { top: 10 })).value).toEqual([]);
    expect((await world.state.collections.custody(id, { top: 10 })).value).toEqual([]);
    expect(await listed(world)).toEqual([]);
    expect(world.evidence.names()).toEqual(evidence);
  });

  it('tells whoever asks for a removed collection what became of it, and still answers its manifest', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await ended(world);
    const manifest = await readManifest(world.deps, id);
    await daysLater(world, KEPT_DAYS + 1);
    const removed = await readRemoved(world.deps, id);
    expect(removed && tellRemoved(removed)).toMatch(/completed, outcome complete.*manifest\.json/);
    expect(await readManifest(world.deps, id)).toEqual(manifest);
  });

  it('runs nothing again for a late repetition of a removed request, until its memory is gone a year later', async () => {
    const world = createWorld({ devices: [anna] });
    await ended(world, { requestId: 'INC-1' });
    await daysLater(world, KEPT_DAYS + 1);
    await expect(ended(world, { requestId: 'INC-1' })).rejects.toThrow('used for another request');
    expect(await daysLater(world, 364)).toMatchObject({ forgotten: 0 });
    expect(await daysLater(world, 2)).toMatchObject({ forgotten: 1 });
    await expect(ended(world, { requestId: 'INC-1' })).resolves.toBeTypeOf('string');
  });

  it('never touches an open collection, nor one whose requester has still to be told', async () => {
    const world = createWorld({ devices: [anna, sleeper] });
    world.callbacks.answerWith(...new Array<number>(1000).fill(503));
    const callbackUrl = 'https://prod-01.logic.azure.com/done';
    const told = await world.ask({ devices: [anna], callbackUrl });
    await world.runUntil(async () => (await collectionOf(world, told)).ended, { atMost: hours(1) });
    const open = await world.ask({ devices: [sleeper] });
    await world.run(minutes(5));
    expect(await daysLater(world, KEPT_DAYS + 1)).toMatchObject({ removed: 0 });
    expect((await collectionOf(world, told)).callback?.status).toBe('waiting');
    expect((await collectionOf(world, open)).ended).toBe(false);
  });

  it('is done once by two instances at the same time, and soon after by none', async () => {
    const world = createWorld({ devices: [anna] });
    await ended(world);
    world.clock.moveTo(world.clock.now() + days(KEPT_DAYS + 1));
    const both = await Promise.all([keepHouse(world.deps), keepHouse(world.deps)]);
    expect(both.filter((kept) => kept !== undefined)).toEqual([expect.objectContaining({ removed: 1 })]);
    expect(await keepHouse(world.deps)).toBeUndefined();
  });

  it('takes up what a crash left of a collection half removed', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await ended(world);
    world.clock.moveTo(world.clock.now() + days(KEPT_DAYS + 1));
    const { collections } = world.deps;
    const breaks = { ...collections, clear: () => Promise.reject(new Error('crashed')) };
    await keepHouse({ ...world.deps, collections: breaks });
    expect(await world.state.collections.header(id)).toBeUndefined();
    expect(await listed(world)).toContain(id);
    await daysLater(world, 1);
    expect(await listed(world)).toEqual([]);
    expect((await world.state.collections.tasks(id, { top: 10 })).value).toEqual([]);
  });

  it('forgets why messages were set aside after the same time', async () => {
    const world = createWorld();
    await notePoison(world.deps, { queue: 'results', text: '{}', messageId: 'm1' }, 'it failed');
    await daysLater(world, KEPT_DAYS - 1);
    expect((await readPoisonReasons(world.deps)).size).toBe(1);
    await daysLater(world, 2);
    expect((await readPoisonReasons(world.deps)).size).toBe(0);
  });

  it('asks nothing of Defender', async () => {
    const world = createWorld({ devices: [anna] });
    await ended(world);
    const before = callCounts(world).defender;
    await daysLater(world, KEPT_DAYS + 1);
    expect(callCounts(world).defender).toBe(before);
  });
});

describe('years of history', () => {
  it('make no tick and no housekeeping run cost more', async () => {
    const costOf = async (collections: number): Promise<number[]> => {
      const world = createWorld({ devices: [anna] });
      for (let n = 0; n < collections; n += 1) await ended(world);
      const costs = [];
      for (const work of [dispatchHeartbeat, pollHeartbeat, keepHouse]) {
        const before = callCounts(world).storage;
        await work(world.deps);
        costs.push(callCounts(world).storage - before);
      }
      return costs;
    };
    expect(await costOf(150)).toEqual(await costOf(1));
  });
});
