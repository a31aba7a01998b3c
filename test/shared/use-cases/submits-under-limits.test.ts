import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { GET_FILE, idOf } from '../../world/asking.ts';
import { device, devices, devicesWith, drawFleet } from '../../world/fleet.ts';
import { idealSchedule, slotTimeOf } from '../../world/ideal.ts';
import { collectionOf, refusals, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const SIXTY = devices(60);
const IDEAL_OF_SIXTY_S = idealSchedule(new Array(60).fill(150)).makespanS;

/** Seconds until every one of these devices is archived. */
async function secondsToArchive(world: World, collectionId: string, wanted: DeviceInput[]): Promise<number> {
  const ids = new Set(wanted.map(idOf));
  const archived = async () =>
    (await tasksOf(world, collectionId)).filter((t) => t.state === 'archived' && ids.has(t.machineId ?? '')).length;
  await world.runUntil(async () => (await archived()) === wanted.length, { atMost: hours(2) });
  return (world.clock.now() - START) / 1000;
}

/** As a playbook might list them: a sleeper after every second awake device. */
function mixed(awake: DeviceInput[], asleep: DeviceInput[]): DeviceInput[] {
  return awake.flatMap((d, i) => [d, ...(i % 2 === 1 ? asleep.slice((i - 1) / 2, (i + 1) / 2) : [])]);
}

describe("submits under Defender's limits", () => {
  const settings = { submitsPerMinute: 10, sessions: 25, sessionsReserved: 0, probationMs: seconds(120) };

  it('are not made while evidence could not be stored, for a script that has run is never run again', async () => {
    const few = SIXTY.slice(0, 3);
    const world = createWorld({ devices: few, settings });
    world.lose('ticks', 10);
    const id = await world.ask({ devices: few });
    await world.run(1);
    expect(await dispatchTasks({ ...world.deps, canStore: async () => false })).toBe(0);
    expect((await tasksOf(world, id)).map(({ state }) => state)).toEqual(['queued', 'queued', 'queued']);
    expect(await dispatchTasks(world.deps)).toBe(3);
  });

  it.each([1, 2, 3])(
    'collect from 60 awake devices in at most 1.1 times the ideal, without a 429 (seed %i)',
    async (seed) => {
      const world = createWorld({ devices: SIXTY, settings, seed });
      const taken = await secondsToArchive(world, await world.ask({ devices: SIXTY }), SIXTY);
      expect(taken / IDEAL_OF_SIXTY_S).toBeLessThanOrEqual(1.1);
      expect(refusals(world)).toEqual([]);
      expect(wrongs(world)).toEqual([]);
    },
  );

  it.each([
    { order: 'mixed among them', seed: 1 },
    { order: 'mixed among them', seed: 2 },
    { order: 'before them', seed: 1 },
    { order: 'before them', seed: 2 },
    { order: 'after them', seed: 1 },
  ])(
    'collect from 60 awake devices in at most 1.5 times the ideal with 30 sleepers $order (seed $seed)',
    async ({ order, seed }) => {
      const asleep = devices(30, { awake: 'never' }, 'asleep');
      const listed = order === 'before them' ? [...asleep, ...SIXTY] : [...SIXTY, ...asleep];
      const all = order === 'mixed among them' ? mixed(SIXTY, asleep) : listed;
      const world = createWorld({ devices: all, settings, seed });
      const taken = await secondsToArchive(world, await world.ask({ devices: all }), SIXTY);
      expect(taken / IDEAL_OF_SIXTY_S).toBeLessThanOrEqual(1.5);
      expect(refusals(world)).toEqual([]);
      expect(wrongs(world)).toEqual([]);
    },
  );

  it('stay close to the ideal for a fleet whose devices take random times', async () => {
    const times = drawFleet(200, 1);
    const fleet = devicesWith(times);
    const world = createWorld({ devices: fleet, settings });
    const taken = await secondsToArchive(world, await world.ask({ devices: fleet }), fleet);
    expect(taken / idealSchedule(times.map(slotTimeOf)).makespanS).toBeLessThanOrEqual(1.05);
    expect(wrongs(world)).toEqual([]);
  });

  it('leave the reserved sessions to people in the portal', async () => {
    const world = createWorld({ devices: SIXTY, settings: { sessions: 10, sessionsReserved: 4 } });
    await world.runUntilEnded(await world.ask({ devices: SIXTY }), { atMost: hours(2) });
    expect(world.tenant.state.record.mostSessions).toBe(6);
  });

  it('serve urgent collections before normal ones, and bulk last', async () => {
    const [bulk, normal, urgent] = [devices(2, {}, 'bulk'), devices(2, {}, 'normal'), devices(2, {}, 'urgent')];
    const first = device();
    const world = createWorld({
      devices: [first, ...bulk, ...normal, ...urgent],
      settings: { sessions: 1, sessionsReserved: 0 },
    });
    await world.ask({ devices: [first] });
    await world.run(seconds(5));
    const asked = [
      await world.ask({ devices: bulk, priority: 'bulk' }),
      await world.ask({ devices: normal }),
      await world.ask({ devices: urgent, priority: 'urgent' }),
    ];
    await world.runUntilEnded(asked, { atMost: hours(1) });
    expect(submits(world).map((s) => s.machineId)).toEqual([first, ...urgent, ...normal, ...bulk].map(idOf));
  });

  it('never open two actions on one device for two collections', async () => {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    const other = { devices: [anna], commands: [GET_FILE] };
    const asked = [await world.ask({ devices: [anna] }), await world.ask(other)];
    await world.runUntilEnded(asked, { atMost: hours(1) });
    const [first, second] = world.tenant.state.ledger.all;
    expect(world.tenant.state.ledger.all).toHaveLength(2);
    expect(second?.submittedAt).toBeGreaterThanOrEqual(first?.timeline.endsAt ?? Number.NaN);
    expect(submits(world)).toHaveLength(2);
  });
});

describe('a 429', () => {
  const anna = device();

  it('is waited out for as long as Retry-After says', async () => {
    const world = createWorld({ devices: [anna] });
    const fault = { kind: 'throttle' as const, retryAfterSeconds: 47 };
    world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip: 0, fault });
    await world.runUntilEnded(await world.ask({ devices: [anna] }), { atMost: minutes(10) });
    const [first, second] = submits(world).map((s) => s.at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(seconds(47));
    expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(seconds(50));
  });

  it('without Retry-After is waited out ever longer', async () => {
    const world = createWorld({ devices: [anna], switches: { retryAfterHeader: false } });
    const fault = { kind: 'throttle' as const, retryAfterSeconds: 0 };
    world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 4, skip: 0, fault });
    await world.runUntilEnded(await world.ask({ devices: [anna] }), { atMost: minutes(20) });
    const at = submits(world).map((s) => s.at);
    const waits = at.slice(1).map((t, i) => t - (at[i] ?? 0));
    expect(waits).toHaveLength(4);
    waits.slice(1).forEach((wait, i) => {
      expect(wait).toBeGreaterThan(1.4 * (waits[i] ?? 0));
    });
  });

  it('that people in the portal cause is told from the rate: the queue says that no slot is free', async () => {
    const fleet = devices(12);
    const world = createWorld({ devices: fleet, switches: { portalSessions: 20 }, settings: { sessionsReserved: 0 } });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(seconds(20));
    const waiting = (await tasksOf(world, collectionId)).filter((t) => t.state === 'queued');
    expect(waiting.map((t) => t.waiting?.reason)).toContain('NoSlot');
    expect(waiting.map((t) => t.waiting?.reason)).not.toContain('SubmitRate');
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
    expect(wrongs(world)).toEqual([]);
  });

  it('costs no session for good: when people leave the portal, their sessions are used', async () => {
    const fleet = devices(60);
    const world = createWorld({ devices: fleet, switches: { portalSessions: 24 }, settings: { sessionsReserved: 0 } });
    const collectionId = await world.ask({ devices: fleet });
    world.after(minutes(5), () => world.tenant.setSwitches({ portalSessions: 0 }));
    await world.runUntilEnded(collectionId, { atMost: minutes(30) });
    expect(world.tenant.state.record.mostSessions).toBeGreaterThan(20);
    // Those of the first burst, and one for each doubt.
    expect(refusals(world).length).toBeLessThanOrEqual(12);
  });

  it('on every call, now and then, delays and loses nothing', async () => {
    const fleet = devices(40);
    const world = createWorld({
      devices: fleet,
      switches: { throttleSpells: { everyMs: minutes(2), forMs: seconds(20), retryAfterSeconds: 10 } },
    });
    const collectionId = await world.ask({ devices: fleet });
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
  });
});

describe('the budget of calls', () => {
  it.each([1, 2])('of an endpoint is never exceeded, however small (seed %i)', async (seed) => {
    const fleet = devices(20);
    const small = { callsPerHour: 60, callsPerMinute: 5 };
    const world = createWorld({ devices: fleet, switches: small, settings: small, seed });
    const collectionId = await world.ask({ devices: fleet });
    await world.runUntilEnded(collectionId, { atMost: hours(6) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
    expect(wrongs(world)).toEqual([]);
    expect(refusals(world)).toEqual([]);
  });

  it('of reads does not hold up a task for good when portal sessions and sleepers use it too', async () => {
    const asleep = devices(5, { awake: { asleepForMs: hours(3) } }, 'asleep');
    const busy = device({ portalSession: { toMs: hours(2) } });
    const small = { callsPerHour: 60, callsPerMinute: 5 };
    const world = createWorld({ devices: [...asleep, busy], switches: small, settings: small });
    const collectionId = await world.ask({ devices: [...asleep, busy] });
    await world.runUntilEnded(collectionId, { atMost: hours(8) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
    expect(wrongs(world)).toEqual([]);
  });
});

describe('a task', () => {
  it('is submitted within seconds when there is room', async () => {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(3));
    expect((await taskOf(world, collectionId)).state).toBe('pending');
  });

  it('is archived within seconds of the end of its action', async () => {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(10) });
    const endsAt = world.tenant.state.ledger.all[0]?.timeline.endsAt ?? 0;
    expect(((await taskOf(world, collectionId)).endedAt ?? 0) - endsAt).toBeLessThanOrEqual(seconds(7));
  });
});
