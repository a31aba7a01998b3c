import { describe, expect, it } from 'vitest';
import type { ActionSnapshot } from '../../../shared/domain/action.ts';
import type { Attempt, CancelReason } from '../../../shared/domain/attempt.ts';
import { NO_LESSONS } from '../../../shared/domain/schedule/lessons.ts';
import { days, minutes, seconds } from '../../../shared/domain/time.ts';
import { cancelActions } from '../../../shared/use-cases/cancel-actions.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { device, devices } from '../../world/fleet.ts';
import { custodyOf, taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const TENANT = 'contoso';
/** Defender takes its time, so that whoever asks it to cancel sees the action go on. */
const SLOWLY = { cancelDelayMs: minutes(30) };
const sleepers = (count: number) => devices(count, { awake: 'never' }, 'asleep');
const [sleeper = device()] = sleepers(1);

const attemptsOf = async (world: World) => (await world.state.work.load(TENANT)).attempts;

/** The comments with which Defender was asked to cancel, by action, in the order of their submits. */
const asked = (world: World) => world.tenant.state.ledger.all.map((action) => action.cancel?.comment);

async function change(world: World, fields: Partial<Attempt>): Promise<void> {
  const attempts = (await attemptsOf(world)).map(({ etag, value }) => ({ etag, value: { ...value, ...fields } }));
  expect(await world.state.work.commit(TENANT, { attempts })).toBe('written');
}

/** All open actions as Defender shows them now. */
async function seenBy(world: World): Promise<Map<string, ActionSnapshot>> {
  const ids = (await attemptsOf(world)).flatMap(({ value }) => value.machineActionId ?? []);
  const reply = await world.deps.defender.listActions({ ids });
  if (!reply.ok) throw new Error('Defender showed nothing');
  return new Map(reply.value.value.map((action) => [action.machineActionId, action]));
}

const cancelWhatIsDue = async (world: World, deps: Partial<Deps> = {}) =>
  cancelActions({ ...world.deps, ...deps }, await seenBy(world), NO_LESSONS);

/** A collection of one sleeping device, whose action is pending and must be cancelled for this reason. */
async function due(reason: CancelReason = 'requested') {
  const world = createWorld({ devices: [sleeper], switches: SLOWLY });
  const collectionId = await world.ask({ devices: [sleeper] });
  await world.run(seconds(5));
  const now = world.clock.now();
  await change(world, { cancel: { reason, requestedAt: now, tries: 0, nextAt: now } });
  return { world, collectionId, attempt: async () => (await attemptsOf(world))[0]?.value };
}

const told = async (world: World, collectionId: string) =>
  (await custodyOf(world, collectionId)).filter((e) => e.type === 'action.cancelRequested');

describe('a cancel', () => {
  it.each([
    ['requested', 'the collection was cancelled'],
    ['expired', 'the collection has expired'],
    ['probation', 'the device did not answer, others wait for the session'],
    ['yielded', 'an urgent request needs the session'],
    ['stuck', 'the action did not end in time'],
  ] as const)('that is %s tells Defender, and the record, why', async (reason, words) => {
    const { world, collectionId, attempt } = await due(reason);
    await cancelWhatIsDue(world);
    expect(asked(world)).toEqual([`Holdfast: ${words}`]);
    const { attemptId, machineActionId } = (await attempt()) ?? {};
    const { taskId } = await taskOf(world, collectionId);
    expect(await told(world, collectionId)).toMatchObject([
      { at: world.clock.now(), actor: 'holdfast', taskId, machineActionId, data: { attemptId, reason } },
    ]);
  });

  it('is told to everyone whose run it is', async () => {
    const { world, collectionId } = await due();
    const other = await world.ask({ devices: [sleeper] });
    const [row] = await attemptsOf(world);
    const { taskId } = await taskOf(world, collectionId);
    await change(world, { tasks: [...(row?.value.tasks ?? []), { collectionId: other, taskId }] });
    await cancelWhatIsDue(world);
    expect((await told(world, collectionId)).length).toBe(1);
    expect((await told(world, other)).length).toBe(1);
  });

  it('that has no effect is asked for again after 20 s, and told once', async () => {
    const { world, collectionId } = await due();
    const calls = async (afterMs: number) => {
      world.clock.moveTo(world.clock.now() + afterMs);
      await cancelWhatIsDue(world);
      return world.calls.get('defender.cancel');
    };
    expect([await calls(0), await calls(seconds(20) - 1), await calls(1)]).toEqual([1, 1, 2]);
    expect(await told(world, collectionId)).toHaveLength(1);
  });

  it('that Defender does not take is remembered, and no fault of ours', async () => {
    const { world, collectionId, attempt } = await due();
    const cancel: Deps['defender']['cancel'] = async () => ({
      ok: false,
      fault: { kind: 'unavailable', message: '', reached: true },
    });
    await cancelWhatIsDue(world, { defender: { ...world.deps.defender, cancel } });
    expect((await attempt())?.cancel).toMatchObject({ tries: 1, nextAt: world.clock.now() + seconds(20) });
    expect((await taskOf(world, collectionId)).state).toBe('pending');
    expect(world.log.entries.filter((e) => e.level === 'error')).toEqual([]);
  });

  it('that breaks does not keep its neighbours from theirs', async () => {
    const world = createWorld({ devices: sleepers(2), switches: SLOWLY });
    await world.ask({ devices: sleepers(2) });
    await world.run(seconds(5));
    const now = world.clock.now();
    await change(world, { cancel: { reason: 'requested', requestedAt: now, tries: 0, nextAt: now } });
    let calls = 0;
    const cancel: Deps['defender']['cancel'] = async (...args) => {
      calls += 1;
      if (calls === 1) throw new Error('broken');
      return world.deps.defender.cancel(...args);
    };
    await cancelWhatIsDue(world, { defender: { ...world.deps.defender, cancel } });
    expect(asked(world).filter((comment) => comment !== undefined)).toHaveLength(1);
  });

  it('that lost the race with a success takes the success, at once', async () => {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(5));
    const seen = await seenBy(world);
    const now = world.clock.now();
    await change(world, { cancel: { reason: 'requested', requestedAt: now, tries: 0, nextAt: now } });
    world.clock.moveTo(now + minutes(5));
    const { defender } = world.deps;
    const cancel: Deps['defender']['cancel'] = (machineActionId) => defender.action(machineActionId);
    await cancelActions({ ...world.deps, defender: { ...defender, cancel } }, seen, NO_LESSONS);
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archiving', commands: [{ state: 'completed' }] });
  });

  it('is not asked for where another instance has seen the end meanwhile, or has removed the attempt', async () => {
    for (const end of ['archiving', 'removed'] as const) {
      const { world, attempt } = await due();
      const before = await world.state.work.load(TENANT);
      if (end === 'archiving') await change(world, { state: end });
      else await world.state.work.commit(TENANT, { removeAttempts: before.attempts });
      const ended = await attempt();
      const work = { ...world.deps.work, load: async () => before };
      await cancelWhatIsDue(world, { work });
      expect(world.calls.get('defender.cancel')).toBeUndefined();
      expect(await attempt()).toEqual(ended);
      expect(world.log.entries.filter((e) => e.level === 'error')).toEqual([]);
    }
  });

  it('comes by itself for an action that Defender has held for four days', async () => {
    const world = createWorld({ devices: [sleeper], switches: { ...SLOWLY, pendingTimeoutMs: days(9) } });
    const collectionId = await world.ask({ devices: [sleeper] });
    await world.run(seconds(5));
    const since = (await attemptsOf(world))[0]?.value.repliedAt ?? 0;
    world.clock.moveTo(since + days(4) - 1);
    await cancelWhatIsDue(world);
    expect(asked(world)).toEqual([undefined]);
    world.clock.moveTo(since + days(4));
    await cancelWhatIsDue(world);
    expect(await told(world, collectionId)).toMatchObject([{ data: { reason: 'stuck' } }]);
  });
});

describe('slots that sleepers hold beyond their probation', () => {
  /** All slots are held by sleepers, in bulk, ten minutes ago; others, awake, wait. */
  async function held(by: number, waiting: number, priority = 'normal') {
    const awake = devices(waiting);
    const world = createWorld({
      devices: [...sleepers(by), ...awake],
      settings: { sessions: by, sessionsReserved: 0 },
      switches: SLOWLY,
    });
    for (const one of sleepers(by)) {
      await world.ask({ devices: [one], priority: 'bulk' });
      await world.run(seconds(1));
    }
    if (waiting > 0) await world.ask({ devices: awake, priority });
    await world.run(1);
    world.clock.moveTo(world.clock.now() + minutes(10));
    return world;
  }

  it('are given up for as many as wait, the oldest first', async () => {
    const world = await held(3, 2);
    await cancelWhatIsDue(world);
    const why = 'Holdfast: the device did not answer, others wait for the session';
    expect(asked(world)).toEqual([why, why, undefined]);
  });

  it('are not given up twice for one who waits, while Defender’s cancel is under way', async () => {
    const world = await held(2, 1);
    for (let looks = 0; looks < 3; looks += 1) await cancelWhatIsDue(world);
    // also where a look does not show the one that is being cancelled
    const seen = await seenBy(world);
    const [first] = await attemptsOf(world);
    seen.delete(first?.value.machineActionId ?? '');
    await cancelActions(world.deps, seen, NO_LESSONS);
    expect(asked(world).map((comment) => comment !== undefined)).toEqual([true, false]);
    expect(world.calls.get('defender.cancel')).toBe(1);
  });

  it('are given up once each for urgent tasks, which take no slot of bulk beside', async () => {
    const world = await held(1, 2, 'urgent');
    await cancelWhatIsDue(world);
    expect(world.calls.get('defender.cancel')).toBe(1);
    expect(asked(world)[0]).toContain('did not answer');

    const both = await held(2, 1, 'urgent');
    const young = both.clock.now() - seconds(30);
    const [, row] = await attemptsOf(both);
    if (!row) throw new Error('there is one attempt');
    await both.state.work.commit(TENANT, { attempts: [{ ...row, value: { ...row.value, repliedAt: young } }] });
    await cancelWhatIsDue(both);
    expect(asked(both).map((comment) => comment !== undefined)).toEqual([true, false]);
  });

  it('and the youngest in bulk, within its probation, makes way for an urgent task alone', async () => {
    for (const [priority, words] of [
      ['urgent', 'Holdfast: an urgent request needs the session'],
      ['normal', undefined],
    ] as const) {
      const world = await held(2, 1, priority);
      const [old, young] = (await attemptsOf(world)).map(({ etag, value }, place) => {
        const repliedAt = world.clock.now() - seconds(60 - place);
        return { etag, value: { ...value, repliedAt } };
      });
      if (!old || !young) throw new Error('there are two attempts');
      await world.state.work.commit(TENANT, { attempts: [old, young] });
      await cancelWhatIsDue(world);
      expect(asked(world)).toEqual([undefined, words]);
    }
  });

  it('stay with those whom this look has not seen pending', async () => {
    const world = await held(1, 1);
    await cancelActions(world.deps, new Map(), NO_LESSONS);
    const [[id, action] = []] = await seenBy(world);
    if (!id || !action) throw new Error('nothing is seen');
    await cancelActions(world.deps, new Map([[id, { ...action, status: 'inProgress' }]]), NO_LESSONS);
    expect(asked(world)).toEqual([undefined]);
  });

  it('stay with them while nobody waits', async () => {
    const world = await held(2, 0);
    await cancelWhatIsDue(world);
    expect(asked(world)).toEqual([undefined, undefined]);
  });
});

describe('a look that finds nothing to give up', () => {
  it('does not ask who waits', async () => {
    const fleet = [sleeper, ...devices(1)];
    const world = createWorld({ devices: fleet, settings: { sessions: 1, sessionsReserved: 0 } });
    await world.ask({ devices: fleet });
    await world.run(seconds(5));
    const seen = await seenBy(world);
    const before = world.calls.get('index.range');
    await cancelActions(world.deps, seen, NO_LESSONS);
    expect(world.calls.get('index.range')).toBe(before);
  });
});
