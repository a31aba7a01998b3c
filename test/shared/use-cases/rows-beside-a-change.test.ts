import { describe, expect, it } from 'vitest';
import type { TaskEvent } from '../../../shared/domain/task-events.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import type { CollectionStore, IndexRow, SortedIndex } from '../../../shared/ports.ts';
import { changeCollection, changeHeader, changeTasks } from '../../../shared/use-cases/change-collection.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, taskOf, tasksOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device({ awake: 'never' });

const rowsOf = async (world: World, part: 'tasks' | 'collections' | 'lists', kind = ''): Promise<IndexRow[]> => {
  const { value } = await world.state.index.range(`contoso|${part}`, { from: kind || '0', to: `${kind}~`, top: 99 });
  return value;
};

/** A collection of one sleeping device, whose action is pending. */
async function pending() {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ devices: [anna] });
  await world.run(seconds(5));
  const { taskId, attemptId = '' } = await taskOf(world, collectionId);
  const tell = (...events: TaskEvent[]) =>
    changeTasks(
      world.deps,
      collectionId,
      events.map((event) => ({ taskId, event })),
    );
  const at = world.clock.now();
  const waiting = { reason: 'MachineAsleep' as const, retryAt: at + minutes(86), rests: true };
  const rest: TaskEvent = { type: 'setBack', at, attemptId, to: 'parked', waiting, cause: 'asleep' };
  return { world, collectionId, taskId, attemptId, tell, rest };
}

/** Every write of rows and of collections, in order. */
function watched(world: World) {
  const writes: { rows: string; put: string[]; remove: string[] }[] = [];
  const order: string[] = [];
  const { index, collections } = world.deps;
  const write: SortedIndex['write'] = async (partition, rows) => {
    order.push(rows.put ? 'put' : 'remove');
    writes.push({ rows: partition, put: (rows.put ?? []).map((r) => r.key), remove: rows.remove ?? [] });
    await index.write(partition, rows);
  };
  const commit: CollectionStore['commit'] = async (change) => {
    order.push('change');
    return collections.commit(change);
  };
  const deps = { ...world.deps, index: { ...index, write }, collections: { ...collections, commit } };
  return { deps, writes, order };
}

describe('the agenda row of a task', () => {
  it('is there while it waits for its turn, and tells the dispatcher what it needs', async () => {
    const { world, collectionId, taskId, attemptId, tell } = await pending();
    expect(await rowsOf(world, 'tasks')).toEqual([]);
    const at = world.clock.now();
    await tell({ type: 'setBack', at, attemptId, to: 'queued', waiting: {}, cause: 'yielded' });
    const { run, kind } = await collectionOf(world, collectionId);
    const [row, ...others] = await rowsOf(world, 'tasks');
    expect(others).toEqual([]);
    expect(row?.key).toContain(`|${collectionId}|${taskId}|${at}`);
    expect(row?.value).toEqual({
      machineId: idOf(anna),
      asleep: 0,
      rests: 0,
      since: at,
      writtenAt: at,
      run,
      kind,
      requester: expect.any(String),
    });
  });

  it('of a device that did not answer says so, until it is woken', async () => {
    const { world, tell, rest } = await pending();
    await tell(rest);
    expect((await rowsOf(world, 'tasks')).map((r) => r.value)).toMatchObject([{ asleep: 1, rests: 1, since: rest.at }]);
    world.clock.moveTo(world.clock.now() + seconds(9));
    await tell({ type: 'woken', at: world.clock.now(), why: 'machineSeen' });
    expect((await rowsOf(world, 'tasks')).map((r) => r.value)).toMatchObject([
      { asleep: 0, rests: 0, since: rest.at, writtenAt: world.clock.now() },
    ]);
  });

  it('of a device that is busy calls it neither asleep nor at rest', async () => {
    const { world, tell, rest } = await pending();
    const waiting = { reason: 'MachineBusy' as const, retryAt: world.clock.now() + minutes(1) };
    await tell({ ...rest, waiting } as TaskEvent);
    expect((await rowsOf(world, 'tasks')).map((r) => r.value)).toMatchObject([{ asleep: 0, rests: 0 }]);
  });

  it('names no run where a row of an earlier version has none', async () => {
    const { world, collectionId, tell, rest } = await pending();
    await changeHeader(world.deps, collectionId, ({ run: _, ...collection }) => ({ collection }));
    await tell(rest);
    expect((await rowsOf(world, 'tasks'))[0]?.value).not.toHaveProperty('run');
  });

  it('goes with a task that turns out to be the same device as another', async () => {
    const world = createWorld({ devices: devices(2), settings: { submitsPerMinute: 1 } });
    const collectionId = await world.ask({ devices: devices(2) });
    await world.run(seconds(5));
    const [waiting] = (await tasksOf(world, collectionId)).filter((t) => t.state === 'queued');
    if (!waiting) throw new Error('no task waits');
    expect(await rowsOf(world, 'tasks')).toHaveLength(1);
    await changeCollection(world.deps, collectionId, [waiting.taskId], (collection, removed) => ({
      collection,
      tasks: [],
      entries: [],
      removed,
    }));
    expect(await rowsOf(world, 'tasks')).toEqual([]);
    expect((await tasksOf(world, collectionId)).map((t) => t.state)).toEqual(['pending']);
  });
});

describe('the row by which a device is found', () => {
  it('is written once its name is resolved, and names the task and its run', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ targets: [{ computerDnsName: anna.computerDnsName }] });
    expect(await rowsOf(world, 'lists', 'machine|')).toEqual([]);
    await world.run(seconds(5));
    const { run } = await collectionOf(world, collectionId);
    const { taskId } = await taskOf(world, collectionId);
    const [row, ...others] = await rowsOf(world, 'lists', `machine|${idOf(anna)}|`);
    expect(others).toEqual([]);
    expect(row?.value).toEqual({ taskId, run });
  });

  it('is not written anew by what happens to the task later', async () => {
    const { world, collectionId, taskId, rest } = await pending();
    const { deps, writes } = watched(world);
    await changeTasks(deps, collectionId, [{ taskId, event: rest }]);
    expect(writes.map((w) => w.rows)).toEqual(['contoso|tasks']);
  });

  it('holds nothing more where a row of an earlier version has no run', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ targets: [{ computerDnsName: anna.computerDnsName }] });
    await changeHeader(world.deps, collectionId, ({ run: _, ...collection }) => ({ collection }));
    await world.run(seconds(5));
    const [row] = await rowsOf(world, 'lists', 'machine|');
    expect(row?.key).toContain(collectionId);
    expect(row).not.toHaveProperty('value');
  });
});

describe('the rows of a collection', () => {
  it('follow the time at which it must be looked at', async () => {
    const { world, collectionId } = await pending();
    const dueAt = world.clock.now() + minutes(3);
    await changeHeader(world.deps, collectionId, (collection) => ({ collection: { ...collection, dueAt } }));
    expect((await rowsOf(world, 'collections')).map((r) => r.key)).toEqual([`${dueAt}|${collectionId}`]);
    await changeHeader(world.deps, collectionId, ({ dueAt: _, ...collection }) => ({ collection }));
    expect(await rowsOf(world, 'collections')).toEqual([]);
  });

  it('go from the list of the open ones to that of its state when it has ended', async () => {
    const { world, collectionId } = await pending();
    expect((await rowsOf(world, 'lists', 'state|')).map((r) => r.key)).toEqual([
      expect.stringMatching(/^state\|open\|/),
    ]);
    await cancelCollection(world.deps, collectionId, { by: { kind: 'http' } });
    await world.runUntilEnded(collectionId, { atMost: minutes(5) });
    const ended = (await rowsOf(world, 'lists', 'state|')).map((r) => r.key);
    expect(ended).toEqual([expect.stringMatching(/^state\|cancelled\|/)]);
  });

  it('cost no write while neither its time nor its state changes', async () => {
    const { world, collectionId } = await pending();
    const { deps, order } = watched(world);
    const reads = world.calls.get('collections.tasksById');
    await changeHeader(deps, collectionId, (collection) => ({ collection: { ...collection, comment: 'x' } }));
    expect(order).toEqual(['change']);
    expect(world.calls.get('collections.tasksById')).toBe(reads);
  });
});

describe('a change that is stopped half-way', () => {
  it('leaves a row too many, never one too few: new rows come before it, old ones go after it', async () => {
    const { world, collectionId, taskId, tell, rest } = await pending();
    await tell(rest);
    world.clock.moveTo(world.clock.now() + seconds(9));
    const { deps, order, writes } = watched(world);
    const before = (await rowsOf(world, 'tasks')).map((r) => r.key);
    const woken: TaskEvent = { type: 'woken', at: world.clock.now(), why: 'machineSeen' };
    await changeTasks(deps, collectionId, [{ taskId, event: woken }]);
    expect(order).toEqual(['put', 'change', 'remove']);
    expect(writes.at(-1)?.remove).toEqual(before);
  });
});

describe('the end of the last task', () => {
  it('calls for the close of its collection by one message, and no later change does', async () => {
    const { world, collectionId, tell, rest } = await pending();
    await tell(rest);
    await world.run(seconds(1));
    const { queues } = world.state;
    queues.receive('collections', world.clock.now() + minutes(60));
    await cancelCollection(world.deps, collectionId, { by: { kind: 'http' } });
    const messages = queues.receive('collections', world.clock.now() + minutes(60));
    expect(messages.map(({ text }) => JSON.parse(text))).toEqual([{ collectionId }]);
    await changeHeader(world.deps, collectionId, (collection) => ({ collection: { ...collection, comment: 'x' } }));
    expect(await queues.depth('collections')).toBe(0);
  });
});

describe('several changes of one task at once', () => {
  it('are all made, and the task is shown once, as it is after them', async () => {
    const { world, tell, rest, collectionId } = await pending();
    const woken: TaskEvent = { type: 'woken', at: world.clock.now(), why: 'machineSeen' };
    const changed = await tell(rest, woken);
    const task = await taskOf(world, collectionId);
    expect(task.waiting).toMatchObject({ woken: true });
    expect(changed?.tasks).toEqual([task]);
    expect(changed?.collection).toEqual(await collectionOf(world, collectionId));
  });

  it('of which none fits any more are shown with the task as it is', async () => {
    const { world, tell, collectionId } = await pending();
    const before = await taskOf(world, collectionId);
    const changed = await tell({ type: 'woken', at: world.clock.now(), why: 'machineSeen' });
    expect(changed?.tasks).toEqual([before]);
  });
});
