import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { days, type EpochMs, hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { wakingHours } from '../../../shared/use-cases/waking-hours.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, collectionOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

/** The world begins on a Monday, some seconds after 08:00 UTC; days are counted from it. */
const at = (day: number, hour: number): EpochMs => Date.parse('2026-03-02T00:00:00Z') + days(day) + hours(hour);
const awake = (day: number, fromHour: number, toHour: number) => ({
  fromMs: at(day, fromHour) - START,
  toMs: at(day, toHour) - START,
});

/** They want the only session again and again, and never answer. */
const others = devices(2, { awake: 'never' }, 'asleep');
/** Tries are hours apart: looks need not be seconds apart. */
const SETTINGS = { sessions: 1, sessionsReserved: 0, pollMinMs: seconds(30) };

const worldOf = (anna: DeviceInput, seed = 1): World =>
  createWorld({ devices: [anna, ...others], settings: SETTINGS, seed });

/** Asked for at eight on Monday, it comes when it comes. */
async function findOnce(world: World, anna: DeviceInput): Promise<void> {
  const collectionId = await world.ask({ devices: [anna] });
  await world.runUntilEnded(collectionId, { atMost: hours(4) });
}

/** Asks at 20:00 on Tuesday for it and for the others. @returns when it began */
async function beginsAfterTuesday(world: World, anna: DeviceInput): Promise<EpochMs> {
  await world.run(at(1, 20) - world.clock.now());
  const expiresAt = toIso(at(3, 20));
  const collectionId = await world.ask({ devices: [anna], expiresAt });
  await world.ask({ devices: others, expiresAt });
  await world.runUntil(async () => (await collectionOf(world, collectionId)).counts.archived === 1, {
    atMost: days(1),
  });
  expect(wrongs(world)).toEqual([]);
  return actionsOn(world, anna).at(-1)?.timeline.startsAt ?? 0;
}

const remembered = async (world: World) =>
  (await world.state.index.range('contoso|waking', { from: '0', to: '~', top: 10 })).value;

describe('a device that keeps hours', () => {
  it.each([1, 2, 3])('is tried soon after the time at which it came two days before (seed %i)', async (seed) => {
    const anna = device({ awake: { spells: [awake(0, 9, 17), awake(1, 9, 17), awake(2, 9, 17)] } });
    const world = worldOf(anna, seed);
    await findOnce(world, anna);
    const late = (await beginsAfterTuesday(world, anna)) - at(2, 9);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(minutes(15));
  });

  it.each([3, 7])('is found after an ordinary rest when it comes at %i instead', async (hour) => {
    const anna = device({ awake: { spells: [awake(0, 9, 17), awake(2, hour, hour + 8)] } });
    const world = worldOf(anna);
    await findOnce(world, anna);
    const late = (await beginsAfterTuesday(world, anna)) - at(2, hour);
    expect(late).toBeGreaterThan(0);
    // a sleeper has its turn ten minutes after its rest, when others want the session
    expect(late).toBeLessThan(minutes(86 + 15));
  });
});

describe('the hours of a device', () => {
  const sleeper = device({ awake: { spells: [awake(0, 9, 17)] } });

  it('are not kept while it answers whenever it is asked', async () => {
    const anna = device();
    const world = worldOf(anna);
    await findOnce(world, anna);
    expect(await remembered(world)).toEqual([]);
  });

  it('are one row, which is found by the device alone', async () => {
    const world = worldOf(sleeper);
    await findOnce(world, sleeper);
    expect(await remembered(world)).toHaveLength(1);
    const known = await wakingHours(world.deps, [idOf(sleeper), 'another', idOf(sleeper).slice(0, -1)]);
    const begunAt = actionsOn(world, sleeper).at(-1)?.timeline.startsAt;
    expect([...known]).toEqual([[idOf(sleeper), [begunAt]]]);
  });

  it('are taken as unknown while storage does not answer', async () => {
    const world = worldOf(sleeper);
    await findOnce(world, sleeper);
    const range = () => Promise.reject(new Error('busy'));
    const deps = { ...world.deps, index: { ...world.deps.index, range } };
    expect(await wakingHours(deps, [idOf(sleeper)])).toEqual(new Map());
  });

  it('are forgotten when it was not found awake for as long as state is kept', async () => {
    const world = worldOf(sleeper);
    await findOnce(world, sleeper);
    world.clock.moveTo(at(89, 9));
    await keepHouse(world.deps);
    expect(await remembered(world)).toHaveLength(1);
    world.clock.moveTo(at(90, 10));
    await keepHouse(world.deps);
    expect(await remembered(world)).toEqual([]);
  });
});
