import { describe, expect, it } from 'vitest';
import type { Attempt, AttemptCancel } from '../../../shared/domain/attempt.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { minutes } from '../../../shared/domain/time.ts';
import type { WorkStore } from '../../../shared/ports.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { leaveRuns } from '../../../shared/use-cases/leave-runs.ts';
import { device, devices } from '../../world/fleet.ts';
import { custodyOf, taskOf, tasksOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();
const [bert = anna] = devices(1);
const TENANT = 'contoso';

const stateOf = async (world: World, id: string): Promise<string> => (await taskOf(world, id)).state;

/** Collections whose tasks have become `state`; from then on nothing happens by itself, and no tick is under way. */
async function asked(asks: (typeof anna)[][], state = 'pending'): Promise<{ world: World; ids: [string, string] }> {
  const world = createWorld({ devices: [anna, bert] });
  // Results that are owed stay so.
  world.lose('results', 1000);
  const ids: string[] = [];
  for (const fleet of asks) ids.push(await world.ask({ devices: fleet }));
  const areThere = async () => {
    const tasks = (await Promise.all(ids.map((id) => tasksOf(world, id)))).flat();
    return tasks.length === asks.flat().length && tasks.every((task) => task.state === state);
  };
  await world.runUntil(areThere, { atMost: minutes(10) });
  world.lose('ticks', 1000);
  world.clock.moveTo(world.clock.now() + minutes(1));
  world.state.queues.receive('ticks', world.clock.now() + minutes(10));
  return { world, ids: [ids[0] ?? '', ids[1] ?? ''] };
}
const sharing = (state?: string) => asked([[anna], [anna]], state);

async function leave(
  world: World,
  id: string,
  deps: Partial<Deps> = {},
  reason: 'requested' | 'expired' = 'requested',
) {
  await leaveRuns({ ...world.deps, ...deps }, id, await tasksOf(world, id), reason);
}

async function attemptOf(world: World, id: string) {
  const { attemptId = '' } = await taskOf(world, id);
  const row = await world.state.work.attempt(TENANT, attemptId);
  if (!row) throw new Error(`no attempt ${attemptId}`);
  return row;
}

async function setAttempt(world: World, id: string, change: (attempt: Attempt) => Partial<Attempt>): Promise<void> {
  const { value, etag } = await attemptOf(world, id);
  const attempts = [{ etag, value: { ...value, ...change(value) } }];
  expect(await world.state.work.commit(TENANT, { attempts })).toBe('written');
}

async function setTask(world: World, id: string, fields: Partial<Task>): Promise<void> {
  const header = await world.state.collections.header(id);
  if (!header) throw new Error(`no collection ${id}`);
  await world.state.collections.commit({ header, tasks: [{ ...(await taskOf(world, id)), ...fields }] });
}

/** Kinds of the ticks that are due now. */
const ticksDue = (world: World) =>
  world.state.queues.receive('ticks', world.clock.now()).map(({ text }) => JSON.parse(text).kind);

describe('a collection that is stopped', () => {
  it('leaves its run to others, and ends by its own reason, without a look at Defender', async () => {
    const { world, ids } = await sharing();
    await leave(world, ids[0], {}, 'expired');
    expect(await taskOf(world, ids[0])).toMatchObject({ state: 'expired', failure: { code: 'Expired' } });
    expect(await stateOf(world, ids[1])).toBe('pending');
    const { value } = await attemptOf(world, ids[1]);
    expect(value.tasks.map((t) => t.collectionId)).toEqual([ids[1]]);
    expect(value).not.toHaveProperty('cancel');
    expect(ticksDue(world)).toEqual([]);
  });

  it('has the action cancelled by a poll that comes at once, when it is the last', async () => {
    const { world, ids } = await sharing();
    await leave(world, ids[0]);
    const reads = world.calls.get('collections.header');
    await leave(world, ids[1]);
    expect(world.calls.get('collections.header')).toBe(reads);
    const now = world.clock.now();
    const cancel: AttemptCancel = { reason: 'requested', requestedAt: now, tries: 0, nextAt: now };
    expect((await attemptOf(world, ids[1])).value).toMatchObject({ tasks: [{ collectionId: ids[1] }], cancel });
    expect(await stateOf(world, ids[1])).toBe('pending');
    expect(ticksDue(world)).toEqual(['poll']);
  });

  it('waits for no heartbeat with what it alone wants, though another run of it goes on for others', async () => {
    const { world, ids } = await asked([[anna, bert], [anna]]);
    await leave(world, ids[0]);
    const states = (await tasksOf(world, ids[0])).map((t) => t.state);
    expect(states.sort()).toEqual(['cancelled', 'pending']);
    expect(ticksDue(world)).toEqual(['poll']);
  });

  it('does not touch the runs of others, not even one whose task is over', async () => {
    const { world, ids } = await asked([[anna], [bert]]);
    await setTask(world, ids[1], { state: 'cancelled' });
    const before = await attemptOf(world, ids[1]);
    await leave(world, ids[0]);
    expect(await attemptOf(world, ids[1])).toEqual(before);
    expect(await stateOf(world, ids[0])).toBe('pending');
  });

  it('has the action cancelled also where its row still names tasks that are over, or gone', async () => {
    const { world, ids } = await sharing();
    await setTask(world, ids[1], { state: 'cancelled' });
    const gone = { collectionId: 'removed', taskId: '0000-aaaaaaaaaaaa' };
    await setAttempt(world, ids[0], ({ tasks }) => ({ tasks: [gone, ...tasks] }));
    await leave(world, ids[0]);
    expect((await attemptOf(world, ids[0])).value.cancel).toMatchObject({ reason: 'requested' });
    expect(await stateOf(world, ids[0])).toBe('pending');
  });

  it('is told of a crash between its run and its own end at the next look', async () => {
    const { world, ids } = await sharing();
    world.crashAt('leave.afterAttempt');
    const tasks = await tasksOf(world, ids[0]);
    const crashed = world.call(async (deps) => [await leaveRuns(deps, ids[0], tasks, 'requested')]);
    await expect(crashed).rejects.toThrow('leave.afterAttempt');
    expect(await stateOf(world, ids[0])).toBe('pending');
    await leave(world, ids[0]);
    expect(await stateOf(world, ids[0])).toBe('cancelled');
    expect((await custodyOf(world, ids[0])).filter((e) => e.type === 'attempt.left')).toHaveLength(1);
  });

  it('keeps its place in the results of an action that it knows to be over', async () => {
    const { world, ids } = await sharing();
    await setTask(world, ids[0], { state: 'archiving' });
    const before = await attemptOf(world, ids[0]);
    await leave(world, ids[0]);
    expect(await attemptOf(world, ids[0])).toEqual(before);
    expect(await stateOf(world, ids[0])).toBe('archiving');
    expect(ticksDue(world)).toEqual([]);
    // Of the same device by another name, and taken out of the collection since.
    const twin = { collectionId: ids[0], taskId: 'removed' };
    await setAttempt(world, ids[0], ({ tasks }) => ({ tasks: [...tasks, twin] }));
    await leave(world, ids[0]);
    expect((await attemptOf(world, ids[0])).value.tasks).toEqual(before.value.tasks);
  });
});

describe('a cancel that is under way already', () => {
  const before = { requestedAt: 1, tries: 3, nextAt: 2 };

  it.each(['requested', 'expired', 'stuck'] as const)(
    'for good (%s) stays as it is, and is hurried',
    async (reason) => {
      const { world, ids } = await asked([[anna]]);
      await setAttempt(world, ids[0], () => ({ cancel: { reason, ...before } }));
      const row = await attemptOf(world, ids[0]);
      const reads = world.calls.get('collections.header');
      await leave(world, ids[0]);
      expect(await attemptOf(world, ids[0])).toEqual(row);
      expect(world.calls.get('collections.header')).toBe(reads);
      expect(ticksDue(world)).toEqual(['poll']);
    },
  );

  it.each(['probation', 'yielded'] as const)('for the slot alone (%s) becomes one for good', async (reason) => {
    const { world, ids } = await asked([[anna]]);
    await setAttempt(world, ids[0], () => ({ cancel: { reason, ...before } }));
    await leave(world, ids[0], {}, 'expired');
    expect((await attemptOf(world, ids[0])).value.cancel).toMatchObject({ reason: 'expired', tries: 0 });
  });
});

describe('two who leave at the same moment', () => {
  /** A store in which `meanwhile` happens just before each of the next commits. */
  function disturbed(world: World, meanwhile: () => Promise<unknown>, times = 1): { work: WorkStore; tries(): number } {
    const { work } = world.deps;
    let tries = 0;
    const commit: WorkStore['commit'] = async (tenantId, change) => {
      tries += 1;
      if (tries <= times) await meanwhile();
      return work.commit(tenantId, change);
    };
    return { work: { ...work, commit }, tries: () => tries };
  }

  it('see who is the last: the action is cancelled', async () => {
    const { world, ids } = await sharing();
    const { work } = disturbed(world, () => leave(world, ids[1]));
    await leave(world, ids[0], { work });
    expect(await stateOf(world, ids[1])).toBe('cancelled');
    expect((await attemptOf(world, ids[0])).value.cancel).toMatchObject({ reason: 'requested' });
  });

  it('change nothing about an action that is over meanwhile', async () => {
    const { world, ids } = await sharing();
    const { work } = disturbed(world, () => setAttempt(world, ids[0], () => ({ state: 'archiving' })));
    await leave(world, ids[0], { work });
    const { value } = await attemptOf(world, ids[0]);
    expect([value.state, value.tasks.length]).toEqual(['archiving', 2]);
    expect(await stateOf(world, ids[0])).toBe('pending');
    expect(ticksDue(world)).toEqual([]);
  });

  it('change nothing about a row that is gone meanwhile', async () => {
    const { world, ids } = await sharing();
    const row = await attemptOf(world, ids[0]);
    const { work } = disturbed(world, () => world.state.work.commit(TENANT, { removeAttempts: [row] }));
    await leave(world, ids[0], { work });
    expect(await world.state.work.attempt(TENANT, row.value.attemptId)).toBeUndefined();
    expect(ticksDue(world)).toEqual([]);
  });

  it('are tried fifty times, then said to be impossible', async () => {
    const { world, ids } = await sharing();
    const change = () => setAttempt(world, ids[0], ({ tasks }) => ({ tasks }));
    const all = disturbed(world, change, 50);
    await expect(leave(world, ids[0], { work: all.work })).rejects.toThrow(/changed by others 50 times/);
    expect(all.tries()).toBe(50);
    await leave(world, ids[0], { work: disturbed(world, change, 49).work });
    expect(await stateOf(world, ids[0])).toBe('cancelled');
  });
});

describe('a task that no row names', () => {
  /** Both know that their action is over; the rows that said so are gone unless kept. */
  async function archiving(keep: 'attempt' | 'job' | 'nothing') {
    const { world, ids } = await sharing('archiving');
    const { attempts, jobs } = await world.state.work.load(TENANT);
    await world.state.work.commit(TENANT, {
      removeAttempts: keep === 'attempt' ? [] : attempts,
      removeJobs: keep === 'job' ? [] : jobs,
    });
    const { updatedAt } = await taskOf(world, ids[0]);
    world.clock.moveTo(updatedAt + minutes(2));
    return { world, ids };
  }

  it('has lost its results after two minutes, and ends', async () => {
    const { world, ids } = await archiving('nothing');
    await setTask(world, ids[0], { updatedAt: world.clock.now() - minutes(2) + 1 });
    await leave(world, ids[0]);
    expect(await stateOf(world, ids[0])).toBe('archiving');
    world.clock.moveTo(world.clock.now() + 1);
    await leave(world, ids[0]);
    expect(await taskOf(world, ids[0])).toMatchObject({ state: 'cancelled', failure: { code: 'Cancelled' } });
  });

  it('waits on where it is owed a result, or its run still names it', async () => {
    for (const keep of ['attempt', 'job'] as const) {
      const { world, ids } = await archiving(keep);
      for (const id of ids) {
        await leave(world, id);
        expect(await stateOf(world, id)).toBe('archiving');
      }
    }
  });

  it('is not looked at while it waits, or once it has ended', async () => {
    const { world, ids } = await archiving('nothing');
    const { attemptId: _, ...waiting } = await taskOf(world, ids[0]);
    const queued: Task = { ...waiting, state: 'queued' };
    const reads = world.calls.get('collections.header');
    await leaveRuns(world.deps, ids[0], [queued], 'requested');
    expect(await stateOf(world, ids[0])).toBe('archiving');
    await setTask(world, ids[1], { state: 'archived' });
    await leave(world, ids[1]);
    expect(await stateOf(world, ids[1])).toBe('archived');
    expect(world.calls.get('collections.header')).toBe(reads);
  });
});
