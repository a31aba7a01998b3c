import { describe, expect, it } from 'vitest';
import { slotLimitOf } from '../../../shared/domain/session-limit.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { readCapacity } from '../../../shared/use-cases/read-capacity.ts';
import { devices } from '../../world/fleet.ts';
import { collectionOf, refusals, submits } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const SLOW = { runMs: minutes(9) };
const many = devices(160, SLOW);
const plenty = { submitsPerMinute: 60 };

async function collectAll(world: World, fleet = many): Promise<void> {
  const collectionId = await world.ask({ devices: fleet });
  await world.runUntilEnded(collectionId, { atMost: hours(12) });
  expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
}

const settings = { ...plenty, sessions: 5, sessionsReserved: 0 };

describe('the number of sessions', () => {
  it('is never more than is configured, unless more may be tried', async () => {
    const world = createWorld({ devices: many, switches: { ...plenty, sessions: 12 }, settings });
    await collectAll(world);
    expect(world.tenant.state.record.mostSessions).toBe(5);
    expect(refusals(world)).toEqual([]);
  });

  it('is learned up to what the tenant has, at the price of one refusal in hours, and remembered', async () => {
    const world = createWorld({
      devices: many,
      switches: { ...plenty, sessions: 12 },
      settings: { ...settings, sessionsMost: 50 },
    });
    await collectAll(world);
    expect(world.tenant.state.record.mostSessions).toBe(12);
    expect(refusals(world)).toHaveLength(1);
    expect((await readCapacity(world.deps)).slots).toMatchObject({ limit: 12, free: 12 });
    const before = submits(world).length;
    await collectAll(world, many.slice(0, 12));
    expect(submits(world)).toHaveLength(before + 12);
  });

  it('is learned with one submit a minute as well, of which a refusal never shows by our count that it was the rate', async () => {
    const few = devices(12, SLOW);
    const world = createWorld({
      devices: few,
      switches: { submitsPerMinute: 1, sessions: 3 },
      settings: { sessions: 2, sessionsReserved: 0, sessionsMost: 6, submitsPerMinute: 1 },
    });
    await collectAll(world, few);
    expect(world.tenant.state.record.mostSessions).toBe(3);
    expect(refusals(world)).toHaveLength(1);
  });

  it('that people leave is learned from a refusal, with what was accepted before it and lost its reply', async () => {
    const few = devices(10, SLOW);
    const world = createWorld({
      devices: few,
      switches: { ...plenty, sessions: 10, portalSessions: 4 },
      settings: { ...plenty, sessions: 10, sessionsReserved: 0 },
    });
    world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 3, skip: 0, fault: { kind: 'loseReply' } });
    await world.ask({ devices: few });
    await world.run(minutes(2));
    expect(refusals(world).length).toBeGreaterThan(0);
    const { guard } = await world.state.work.load('contoso');
    expect(slotLimitOf(guard.value, world.deps.settings.limits, world.clock.now())).toBe(6);
  });

  it('found with pending actions is given up when those that run need more than the tenant has', async () => {
    const sleepers = devices(40, { awake: 'never' }, 'sleeper');
    const world = createWorld({
      devices: [...sleepers, ...many],
      switches: { ...plenty, sessions: 5, pendingHoldsSession: false },
      settings: { ...settings, sessionsMost: 20 },
    });
    await world.ask({ devices: sleepers });
    await world.run(hours(1));
    await collectAll(world, many.slice(0, 60));
    expect(refusals(world).length).toBeLessThanOrEqual(3);
  });

  it('is as high as is set where pending actions hold none: Holdfast finds out rather than assume it', async () => {
    const sleepers = devices(40, { awake: 'never' }, 'sleeper');
    const world = createWorld({
      devices: sleepers,
      switches: { ...plenty, sessions: 5, pendingHoldsSession: false },
      settings: { ...settings, sessionsMost: 20 },
    });
    await world.ask({ devices: sleepers });
    await world.run(hours(1));
    expect((await readCapacity(world.deps)).slots).toMatchObject({ limit: 20, inUse: 20 });
    expect(refusals(world)).toEqual([]);
  });
});
