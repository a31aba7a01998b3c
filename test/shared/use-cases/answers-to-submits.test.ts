import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../infra/local/simulated-tenant/model/faults.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { DefenderFault } from '../../../shared/ports.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, custodyOf, runsOn, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();
const BUSY = { kind: 'error', status: 400, code: 'ActiveRequestAlreadyExists', message: 'busy' } as const;

const nextSubmit = (world: World, fault: Fault, times = 1): void =>
  world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times, skip: 0, fault });

/** Asked for and submitted, with whatever answer was set before. */
async function answered(world: World): Promise<string> {
  const collectionId = await world.ask({ devices: [anna] });
  await world.run(1);
  return collectionId;
}

/** Asked for, and its submit ended like this, without the tenant's doing. */
async function failed(world: World, fault: DefenderFault): Promise<string> {
  world.lose('ticks');
  const collectionId = await answered(world);
  const submit = async () => ({ ok: false, fault }) as const;
  await dispatchTasks({ ...world.deps, defender: { ...world.deps.defender, submit } });
  return collectionId;
}
const toldOf = async (world: World, id: string) => (await custodyOf(world, id)).map((event) => event.type);
const watched = (world: World) => world.state.registers.read<Record<string, unknown[]>>('contoso', 'blockers');
const guardOf = async (world: World) => (await world.state.work.load('contoso')).guard.value;
const attemptOf = async (world: World) => (await world.state.work.load('contoso')).attempts[0]?.value;

describe('a submit that finds its device busy', () => {
  it('with its own action takes that one at once, and says that it was adopted', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { ...BUSY, afterEffect: true });
    const id = await answered(world);
    const [action] = actionsOn(world, anna);
    expect(await taskOf(world, id)).toMatchObject({ state: 'pending', machineActionId: action?.id });
    expect(await attemptOf(world)).toMatchObject({ state: 'open', machineActionId: action?.id, repliedAt: START });
    expect(await toldOf(world, id)).toContain('action.adopted');
    expect(await watched(world)).toBeUndefined();
    await world.runUntilEnded(id, { atMost: minutes(15) });
    expect([submits(world).length, runsOn(world, anna)]).toEqual([1, 1]);
  });

  it('and nothing that keeps it so waits for its own time, and for no action', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, BUSY);
    const task = await taskOf(world, await answered(world));
    expect(task).toMatchObject({ state: 'parked', waiting: { reason: 'MachineBusy' } });
    expect(task.waiting).not.toHaveProperty('blockerActionId');
    expect(await watched(world)).toBeUndefined();
  });

  it('with the action of another that only the reply shows waits for that action', async () => {
    const switches = { existingActionWithinMs: minutes(2), readGapMs: minutes(1) };
    const world = createWorld({ devices: [anna], switches });
    const command = { type: 'RunScript', params: [{ key: 'ScriptName', value: 'theirs.ps1' }] };
    world.tenant.submit(idOf(anna), { Commands: [command], Comment: 'theirs' }, world.clock.now());
    const id = await answered(world);
    const [theirs] = actionsOn(world, anna);
    expect((await taskOf(world, id)).waiting).toMatchObject({ blockerActionId: theirs?.id });
    expect(Object.keys((await watched(world))?.value ?? {})).toEqual([theirs?.id]);
  });
});

describe('a submit that was accepted', () => {
  it('is told in the custody record as submitted, under the name that Defender has for the device', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await answered(world);
    expect(await taskOf(world, id)).toMatchObject({ state: 'pending', computerDnsName: anna.computerDnsName });
    expect(await attemptOf(world)).toMatchObject({ computerDnsName: anna.computerDnsName, shownAt: START });
    expect(await toldOf(world, id)).toContain('action.submitted');
  });

  it('leaves the name of a device open that Defender does not say', async () => {
    const world = createWorld({ devices: [anna] });
    const { defender } = world.deps;
    const submit: Deps['defender']['submit'] = async (run) => {
      const reply = await defender.submit(run);
      if (!reply.ok) return reply;
      const { computerDnsName: _, ...value } = reply.value;
      return { ok: true, value };
    };
    world.lose('ticks');
    const id = await answered(world);
    await dispatchTasks({ ...world.deps, defender: { ...defender, submit } });
    expect(await taskOf(world, id)).not.toHaveProperty('computerDnsName');
    expect(await attemptOf(world)).not.toHaveProperty('computerDnsName');
  });

  it('clears what refusals before it had built up', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'reset' });
    await answered(world);
    expect((await guardOf(world)).refusals).toBe(1);
    await world.run(minutes(5));
    expect(await guardOf(world)).toMatchObject({ refusals: 0 });
    expect(await guardOf(world)).not.toHaveProperty('pausedUntil');
  });
});

describe('a submit that was refused', () => {
  it.each(['ResourceNotFound', 'NotFound', 'NoSuchDevice'])(
    'for a device that Defender does not know ends its task for that reason, though the code be %s',
    async (code) => {
      const world = createWorld({ devices: [anna] });
      nextSubmit(world, { kind: 'error', status: 404, code, message: 'gone' });
      const id = await answered(world);
      expect(await taskOf(world, id)).toMatchObject({ state: 'failed', failure: { code: 'MachineNotFound' } });
    },
  );

  it('is found in the log, with the kind of the fault, its attempt and its device', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'error', status: 403, code: 'Forbidden', message: 'no' });
    await answered(world);
    const attemptId = (await attemptOf(world))?.attemptId;
    const told = world.log.entries.filter(({ event }) => event === 'submit.refused');
    expect(told.map(({ fields }) => fields)).toEqual([{ attemptId, machineId: idOf(anna), fault: 'refused' }]);
  });

  it.each([
    [403, 'Forbidden', 'no', 'PermissionMissing'],
    [400, 'InvalidRequest', 'no', 'InvalidCommand'],
    [400, 'InvalidRequest', 'The script was not found in the library', 'ScriptNotInLibrary'],
  ])('for good, with %i %s "%s", ends its task with %s', async (status, code, message, failure) => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'error', status, code, message });
    expect(await taskOf(world, await answered(world))).toMatchObject({ state: 'failed', failure: { code: failure } });
  });

  it('for its rate waits as long as Defender says, keeps its place, and frees its slot at once', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'throttle', retryAfterSeconds: 40 });
    const id = await answered(world);
    expect(await taskOf(world, id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await guardOf(world)).toMatchObject({ refusals: 1, pausedUntil: START + seconds(40) });
    expect(await attemptOf(world)).toMatchObject({ state: 'closed', repliedAt: START, closedAt: START });
    await world.runUntilEnded(id, { atMost: minutes(15) });
    expect((submits(world)[1]?.at ?? 0) - START).toBeGreaterThanOrEqual(seconds(40));
  });

  it('while sessions of ours are open learns how many there may be; while none are, that there may be one', async () => {
    const fleet = devices(4);
    const world = createWorld({ devices: [...fleet, anna], settings: { submitsPerMinute: 100 } });
    await world.ask({ devices: fleet });
    await world.run(seconds(1));
    nextSubmit(world, { kind: 'throttle', retryAfterSeconds: 40 });
    await answered(world);
    expect(await guardOf(world)).toMatchObject({
      pauseReason: 'NoSlot',
      sessionCeiling: { sessions: 4, until: world.clock.now() - 1 + minutes(3) },
    });
    const alone = createWorld({ devices: [anna] });
    nextSubmit(alone, { kind: 'throttle', retryAfterSeconds: 40 });
    await answered(alone);
    expect((await guardOf(alone)).sessionCeiling?.sessions).toBe(1);
  });

  it('is a matter of the rate when as many were accepted in the minute as it allows, ended or not', async () => {
    const fleet = devices(9);
    const world = createWorld({ devices: [...fleet, anna] });
    await world.ask({ devices: fleet });
    await world.run(seconds(1));
    nextSubmit(world, { kind: 'throttle', retryAfterSeconds: 40 });
    await answered(world);
    expect(await guardOf(world)).toMatchObject({ pauseReason: 'SubmitRate' });
    expect(await guardOf(world)).not.toHaveProperty('sessionCeiling');
  });

  it('for our own budget was never made: its task waits for its turn as before', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await failed(world, { kind: 'budgetSpent', retryAfterMs: seconds(5) });
    expect(await taskOf(world, id)).toMatchObject({ state: 'queued', attempts: 0, submitFaults: 0 });
    expect(submits(world)).toHaveLength(0);
  });
});

describe('a submit without an answer', () => {
  it('that did not reach Defender lets its task go, and everyone pauses', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await failed(world, { kind: 'unavailable', message: 'ENOTFOUND', reached: false });
    expect(await taskOf(world, id)).toMatchObject({ state: 'parked', waiting: { reason: 'DefenderUnavailable' } });
    expect(await guardOf(world)).toMatchObject({ refusals: 1, pauseReason: 'DefenderUnavailable' });
    expect(await attemptOf(world)).toMatchObject({ state: 'closed' });
  });

  it('that may have reached it holds its permit and its device until it is proven that there is no action', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'loseReply' });
    const id = await answered(world);
    expect((await taskOf(world, id)).state).toBe('submitting');
    expect(await attemptOf(world)).toMatchObject({ state: 'submitting', repliedAt: START });
    await world.runUntilEnded(id, { atMost: hours(1) });
    expect(await toldOf(world, id)).toContain('action.adopted');
    expect([submits(world).length, runsOn(world, anna)]).toEqual([1, 1]);
    expect(wrongs(world)).toEqual([]);
  });
});

describe('an intent that is not fresh any more', () => {
  it('is given back, and its tasks wait for their turn as before: nothing was sent', async () => {
    const fleet = devices(2);
    const world = createWorld({ devices: fleet });
    world.lose('ticks');
    const id = await world.ask({ devices: fleet });
    await world.run(1);
    let heldUp = false;
    const checkpoint: Deps['checkpoint'] = (point) => {
      if (point === 'dispatch.beforeSubmit' && !heldUp) {
        heldUp = true;
        world.clock.moveTo(world.clock.now() + minutes(10));
      }
    };
    const made = await dispatchTasks({ ...world.deps, checkpoint });
    expect(made).toBe(submits(world).length);
    for (const { at } of submits(world)) expect(at).toBeGreaterThanOrEqual(START + minutes(10));
    expect((await tasksOf(world, id)).every((t) => t.state === 'pending')).toBe(true);
    expect(submits(world)).toHaveLength(2);
  });
});

describe('a submit that finds something missing', () => {
  it.each([
    [404, 'ResourceNotFound', 'Script x.ps1 was not found in library', 'ScriptNotInLibrary'],
    [400, 'ResourceNotFound', 'Script x.ps1 was not found in library', 'ScriptNotInLibrary'],
    [404, 'ResourceNotFound', 'Machine abc was not found', 'MachineNotFound'],
    [404, 'NotFound', '', 'MachineNotFound'],
  ] as const)('by %i %s "%s" says %s', async (status, code, message, told) => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'error', status, code, message });
    expect(await taskOf(world, await answered(world))).toMatchObject({ state: 'failed', failure: { code: told } });
  });
});
