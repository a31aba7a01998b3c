import { describe, expect, it } from 'vitest';
import { days, hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { device, devices } from '../../world/fleet.ts';
import {
  actionsOn,
  collectionOf,
  custodyOf,
  runsOn,
  secondsOf,
  submits,
  taskOf,
  tasksOf,
  wrongs,
} from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

/** When each try of the only device was submitted and when it was given up, epoch ms. */
function tries(world: World) {
  return world.tenant.state.ledger.all.map((a) => ({ submittedAt: a.submittedAt, endedAt: a.timeline.endsAt }));
}

describe('a sleeping device', () => {
  it('never blocks an awake one beyond its probation', async () => {
    const sleepers = devices(2, { awake: 'never' }, 'asleep');
    const awake = device();
    const world = createWorld({
      devices: [...sleepers, awake],
      settings: { sessions: 2, sessionsReserved: 0, probationMs: seconds(120) },
    });
    const collectionId = await world.ask({ devices: [...sleepers, awake] });

    await world.runUntil(() => runsOn(world, awake) === 1, { atMost: minutes(4) });
    await world.run(minutes(3));
    const states = (await tasksOf(world, collectionId)).map((t) => t.state);
    expect(states[2]).toBe('archived');
    expect(wrongs(world)).toEqual([]);
  });

  it('keeps its slot while nobody waits for it', async () => {
    const asleep = device({ awake: { asleepForMs: hours(5) } });
    const world = createWorld({ devices: [asleep] });
    const collectionId = await world.ask({ devices: [asleep] });

    await world.runUntilEnded(collectionId, { atMost: hours(6) });
    expect(submits(world)).toHaveLength(1);
    expect(world.calls.get('defender.cancel')).toBeUndefined();
    expect((await taskOf(world, collectionId)).state).toBe('archived');
  });

  it('is archived soon after it wakes while its action is pending', async () => {
    const asleep = device({ awake: { asleepForMs: hours(5) } });
    const world = createWorld({ devices: [asleep] });
    const collectionId = await world.ask({ devices: [asleep] });

    await world.runUntilEnded(collectionId, { atMost: hours(6) });
    const archivedAt = (await taskOf(world, collectionId)).endedAt ?? 0;
    expect(archivedAt - START).toBeLessThan(hours(5) + seconds(150) + minutes(1));
  });

  it.each([1, 2, 3])(
    'is parked again when Defender lets its action time out, at waits that at most double (seed %i)',
    async (seed) => {
      const asleep = device({ awake: 'never' });
      const world = createWorld({ devices: [asleep], switches: { pendingTimeoutMs: minutes(5) }, seed });
      const collectionId = await world.ask({ devices: [asleep], expiresAt: toIso(START + days(1)) });

      await world.run(hours(10));
      const custody = await custodyOf(world, collectionId);
      const parkedAt = custody.filter((e) => e.type === 'task.parked').map((e) => e.at);
      const submittedAt = tries(world).map((t) => t.submittedAt);
      const waits = parkedAt.flatMap((at, i) => (submittedAt[i + 1] ?? at) - at);
      expect(waits.length).toBeGreaterThan(5);
      expect(waits[0]).toBeLessThanOrEqual(minutes(1));
      // A queue delays by whole seconds.
      waits.slice(1).forEach((wait, i) => {
        expect(wait).toBeLessThanOrEqual(2 * (waits[i] ?? 0) + seconds(1));
      });
    },
  );

  it('is tried until its collection expires, and then says so', async () => {
    const asleep = device({ awake: 'never' });
    const world = createWorld({ devices: [asleep], switches: { pendingTimeoutMs: hours(2) } });
    const collectionId = await world.ask({ devices: [asleep], expiresAt: toIso(START + days(2)) });

    await world.runUntilEnded(collectionId, { atMost: days(2) + minutes(10) });
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'expired', failure: { code: 'Expired' } });
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ state: 'expired', outcome: 'none' });
    expect(submits(world).length).toBeGreaterThan(10);
  });

  it('is tried at once when Defender shows that it has reported', async () => {
    const reportsAt = hours(5);
    const asleep = device({ awake: { asleepForMs: reportsAt }, reportsAtMs: [-hours(20), reportsAt] });
    const others = devices(3, { awake: { asleepForMs: hours(48) } });
    const world = createWorld({ devices: [asleep, ...others], settings: { sessions: 1, sessionsReserved: 0 } });
    const collectionId = await world.ask({ devices: [asleep] });
    await world.ask({ devices: others });

    await world.run(reportsAt - minutes(1));
    // the one slot holds another sleeper
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'parked', waiting: { reason: 'MachineAsleep' } });
    await world.runUntilEnded(collectionId, { atMost: minutes(10) });
    const last = submits(world, asleep).at(-1)?.at ?? 0;
    expect(secondsOf(last) - reportsAt / 1000).toBeLessThanOrEqual(180);
    expect(wrongs(world)).toEqual([]);
  });

  it('gives its slot up and gets one again when one is free', async () => {
    const asleep = device({ awake: { asleepForMs: minutes(20) } });
    const awake = devices(6);
    const world = createWorld({
      devices: [asleep, ...awake],
      settings: { sessions: 1, sessionsReserved: 0, probationMs: seconds(60) },
    });
    const collectionId = await world.ask({ devices: [asleep, ...awake] });

    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
    expect(actionsOn(world, asleep)[0]?.timeline.ends).toBe('Cancelled');
    expect(runsOn(world, asleep)).toBe(1);
    expect(wrongs(world)).toEqual([]);
  });

  it('is tried within a minute of a slot becoming free', async () => {
    const asleep = device({ awake: 'never' });
    const awake = devices(4);
    const world = createWorld({
      devices: [asleep, ...awake],
      settings: { sessions: 1, sessionsReserved: 0, probationMs: seconds(60) },
    });
    const collectionId = await world.ask({ devices: [asleep, ...awake] });

    await world.runUntil(async () => (await collectionOf(world, collectionId)).counts.archived === 4, {
      atMost: minutes(30),
    });
    const freeAt = world.clock.now();
    await world.run(minutes(1));
    expect((submits(world, asleep).at(-1)?.at ?? 0) - freeAt).toBeGreaterThanOrEqual(0);
  });
});
