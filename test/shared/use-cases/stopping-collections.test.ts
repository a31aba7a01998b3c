import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, collectionOf, runsOn, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();

async function cancel(world: World, collectionId: string): Promise<void> {
  const cancelled = await world.call((deps) =>
    cancelCollection(deps, collectionId, { by: { kind: 'http' } }).then((c) => [c]),
  );
  expect(cancelled[0]?.cancel).toBeDefined();
}

describe('cancelling', () => {
  it('ends waiting tasks at once, without a call to Defender', async () => {
    const [busy, ...others] = devices(5);
    const fleet = [busy ?? anna, ...others];
    const world = createWorld({ devices: fleet, settings: { sessions: 1, sessionsReserved: 0 } });
    await world.ask({ devices: fleet.slice(0, 1) });
    await world.run(seconds(5));
    const collectionId = await world.ask({ devices: others });
    await world.run(seconds(5));
    await cancel(world, collectionId);
    await world.runUntilEnded(collectionId, { atMost: seconds(5) });
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ cancelled: 4 });
    expect(world.calls.get('defender.cancel')).toBeUndefined();
    expect(submits(world)).toHaveLength(1);
  });

  it('cancels a pending action in Defender and says Cancelled', async () => {
    const asleep = device({ awake: 'never' });
    const world = createWorld({ devices: [asleep] });
    const collectionId = await world.ask({ devices: [asleep] });
    await world.run(minutes(1));
    await cancel(world, collectionId);
    await world.runUntilEnded(collectionId, { atMost: minutes(2) });
    expect(actionsOn(world, asleep)[0]?.timeline.ends).toBe('Cancelled');
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'cancelled', failure: { code: 'Cancelled' } });
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ state: 'cancelled', outcome: 'none' });
  });

  it('keeps a result that won the race', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(90));
    expect(runsOn(world, anna)).toBe(1);
    await cancel(world, collectionId);
    await world.runUntilEnded(collectionId, { atMost: minutes(10) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({
      state: 'cancelled',
      outcome: 'complete',
    });
  });

  it('keeps a completed command although Defender calls the action cancelled', async () => {
    const world = createWorld({ devices: [anna], switches: { cancelHidesRun: true } });
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(90));
    await cancel(world, collectionId);
    await world.runUntilEnded(collectionId, { atMost: minutes(10) });
    expect((await taskOf(world, collectionId)).commands[0]?.state).toBe('archived');
  });

  it('ends a collection that was not expanded yet', async () => {
    const fleet = devices(100);
    const world = createWorld({ devices: fleet });
    const collectionId = await world.ask({ devices: fleet });
    await cancel(world, collectionId);
    await world.runUntilEnded(collectionId, { atMost: minutes(2) });
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ total: 100, cancelled: 100 });
    expect(submits(world)).toEqual([]);
  });

  it('ends a collection whose targets were never resolved', async () => {
    const down = { kind: 'error' as const, status: 503, message: '' };
    const world = createWorld({
      devices: [anna],
      switches: { faultRates: [{ endpoint: '*', probability: 1, fault: down }] },
    });
    const collectionId = await world.ask({ targets: [{ computerDnsName: anna.computerDnsName }, { machineTag: 'x' }] });
    await world.run(minutes(3));
    await cancel(world, collectionId);
    await world.runUntilEnded(collectionId, { atMost: minutes(2) });
    expect((await tasksOf(world, collectionId)).map((t) => t.state)).toEqual(['cancelled', 'cancelled']);
  });

  it('changes nothing after the end', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(10) });
    const before = await collectionOf(world, collectionId);
    await world.call((deps) => cancelCollection(deps, collectionId, { by: { kind: 'http' } }).then((c) => [c]));
    await world.run(minutes(5));
    expect(await collectionOf(world, collectionId)).toEqual(before);
  });

  it('of one collection leaves another one of the same device alone', async () => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna] });
    await world.run(seconds(5));
    const second = await world.ask({ devices: [anna] });
    await cancel(world, first);
    await world.runUntilEnded([first, second], { atMost: minutes(20) });
    expect((await taskOf(world, second)).state).toBe('archived');
    expect(wrongs(world)).toEqual([]);
  });

  it.each(['cancel.afterHeader', 'cancel.afterDefender'] as const)('survives a crash at %s', async (point) => {
    const fleet = [device({ awake: 'never' }), ...devices(2)];
    const world = createWorld({ devices: fleet, settings: { sessions: 1, sessionsReserved: 0 } });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(minutes(1));
    world.crashAt(point);
    await world
      .call((deps) => cancelCollection(deps, collectionId, { by: { kind: 'http' } }).then((c) => [c]))
      .catch(() => undefined);
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    expect(world.failures.some((f) => f.includes(point))).toBe(true);
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ cancelled: 3 });
  });
});

describe('expiry', () => {
  it('ends waiting tasks and cancels pending ones in Defender', async () => {
    const asleep = devices(2, { awake: 'never' }, 'asleep');
    const world = createWorld({
      devices: asleep,
      settings: { sessions: 1, sessionsReserved: 0, probationMs: hours(1) },
    });
    const collectionId = await world.ask({ devices: asleep, expiresAt: toIso(START + minutes(30)) });
    await world.runUntilEnded(collectionId, { atMost: minutes(35) });
    expect(world.clock.now()).toBeGreaterThanOrEqual(START + minutes(30));
    expect((await tasksOf(world, collectionId)).map((t) => [t.state, t.failure?.code])).toEqual([
      ['expired', 'Expired'],
      ['expired', 'Expired'],
    ]);
    expect(world.tenant.state.ledger.all.map((a) => a.timeline.ends)).toEqual(['Cancelled']);
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ state: 'expired', outcome: 'none' });
  });

  it('keeps what a run that had begun still brings', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna], expiresAt: toIso(START + seconds(90)) });
    await world.runUntilEnded(collectionId, { atMost: minutes(10) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ state: 'expired', outcome: 'complete' });
  });

  it.each([
    ['soon after the request', seconds(40)],
    ['hours later, between two heartbeats', hours(5) + seconds(20)],
  ])('is noticed within seconds: %s', async (_when, life) => {
    const asleep = devices(1, { awake: 'never' }, 'asleep');
    const world = createWorld({ devices: asleep });
    const expiresAt = START + life;
    const collectionId = await world.ask({ devices: asleep, expiresAt: toIso(expiresAt) });
    await world.runUntilEnded(collectionId, { atMost: life + minutes(2) });
    // a pending action is cancelled in Defender first, which takes effect within some seconds and is then seen by a poll
    expect((await collectionOf(world, collectionId)).closing?.at).toBeLessThanOrEqual(expiresAt + seconds(20));
  });
});
