import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, collectionOf, runsOn, submits, taskOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();

/** Someone else's live response action on the device, by the API. */
function othersAction(world: World): void {
  const command = { type: 'RunScript', params: [{ key: 'ScriptName', value: 'theirs.ps1' }] };
  world.tenant.submit(idOf(anna), { Commands: [command], Comment: 'theirs' }, world.clock.now());
}

describe('a device that someone else keeps busy', () => {
  it('is tried again at once when the action that blocks it has ended', async () => {
    const slow = { ...anna, commands: [{ name: 'theirs.ps1', runMs: minutes(25) }] };
    const world = createWorld({ devices: [slow], switches: { scriptTimeoutMs: hours(1) } });
    othersAction(world);
    const [blocker] = actionsOn(world, anna);
    const collectionId = await world.ask({ devices: [anna] });

    await world.run(minutes(20));
    expect(await taskOf(world, collectionId)).toMatchObject({
      state: 'parked',
      waiting: { reason: 'MachineBusy', blockerActionId: blocker?.id },
    });
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    const endedAt = blocker?.timeline.endsAt ?? 0;
    const submittedAt = submits(world).at(-1)?.at ?? 0;
    expect(submittedAt - endedAt).toBeLessThanOrEqual(seconds(30));
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect(wrongs(world)).toEqual([]);
  });

  it('is never freed by cancelling the action of someone else', async () => {
    const world = createWorld({ devices: [anna] });
    othersAction(world);
    await world.runUntilEnded(await world.ask({ devices: [anna] }), { atMost: hours(1) });
    expect(actionsOn(world, anna).map((a) => a.timeline.ends)).toEqual(['Succeeded', 'Succeeded']);
  });

  it('waits, without being hammered, for a portal session that no list shows', async () => {
    const inPortal = { ...anna, portalSession: { toMs: minutes(40) } };
    const world = createWorld({ devices: [inPortal] });
    const collectionId = await world.ask({ devices: [anna] });

    await world.run(minutes(10));
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'parked', waiting: { reason: 'MachineBusy' } });
    await world.runUntilEnded(collectionId, { atMost: hours(3) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    const refused = submits(world).filter((s) => s.code === 'ActiveRequestAlreadyExists');
    expect(refused.length).toBeLessThanOrEqual(8);
    expect(runsOn(world, anna)).toBe(1);
  });

  it('is collected although its lock lingers after the cancel of a try', async () => {
    const awake = devices(3);
    const asleep = { ...anna, awake: { asleepForMs: minutes(10) } };
    const world = createWorld({
      devices: [asleep, ...awake],
      switches: { lockLingersMs: minutes(5) },
      settings: { sessions: 1, sessionsReserved: 0, probationMs: seconds(60) },
    });
    const collectionId = await world.ask({ devices: [asleep, ...awake] });

    await world.runUntilEnded(collectionId, { atMost: hours(3) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
    expect(runsOn(world, anna)).toBe(1);
    expect(wrongs(world)).toEqual([]);
  });

  it("does not lend its action: a reply that carries someone else's action is not taken", async () => {
    const world = createWorld({ devices: [anna], switches: { existingActionWithinMs: minutes(2) } });
    othersAction(world);
    const collectionId = await world.ask({ devices: [anna] });

    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    const [theirs, ours] = actionsOn(world, anna);
    const task = await taskOf(world, collectionId);
    expect(task).toMatchObject({ state: 'archived', machineActionId: ours?.id });
    expect(ours?.submittedAt).toBeGreaterThanOrEqual(theirs?.timeline.endsAt ?? Number.NaN);
    expect(runsOn(world, anna)).toBe(2);
  });

  it('does not hold up others', async () => {
    const inPortal = { ...anna, portalSession: true };
    const world = createWorld({ devices: [inPortal, ...devices(1)], settings: { sessions: 1, sessionsReserved: 0 } });
    const collectionId = await world.ask({ devices: [inPortal, ...devices(1)] });
    await world.runUntil(async () => (await collectionOf(world, collectionId)).counts.archived === 1, {
      atMost: minutes(4),
    });
    expect(world.clock.now() - START).toBeLessThan(minutes(4));
  });
});
