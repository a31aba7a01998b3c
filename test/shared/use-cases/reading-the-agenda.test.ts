import { describe, expect, it } from 'vitest';
import { collectionAgendaKey, taskAgendaKey } from '../../../shared/domain/index-keys.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { advanceDue } from '../../../shared/use-cases/advance-collection.ts';
import { dropAgendaRows, dueCollections, readAgenda, readMoreReady } from '../../../shared/use-cases/agenda.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { aCollection, aTask } from '../domain/samples.ts';

const collection = aCollection([], { createdAt: START });

function ready(n: number): Task {
  return aTask({ taskId: `${String(n).padStart(4, '0')}-aaaaaaaaaaaa`, waiting: { since: START } });
}
const parked = (n: number, retryAt: number): Task => ({
  ...ready(n),
  state: 'parked',
  waiting: { since: START, reason: 'MachineAsleep', retryAt },
});

async function written(world: World, tasks: Task[], value: Record<string, string | number> = {}): Promise<void> {
  const put = tasks.map((task) => ({
    key: taskAgendaKey(collection, task) ?? '',
    value: { machineId: String(task.machineId), asleep: 0, since: START, ...value },
  }));
  await world.state.index.write('contoso|tasks', { put });
}

const placeOf = ({ taskId }: { taskId: string }): number => Number(taskId.slice(0, 4));

describe('the agenda', () => {
  it('is empty at first', async () => {
    expect(await readAgenda(createWorld().deps)).toEqual({ due: [], later: [] });
  });

  it('tells those whose turn may have come from those that wait for a time', async () => {
    const world = createWorld();
    await written(world, [parked(3, START + 1), parked(2, START), ready(1)]);
    const { due, later } = await readAgenda(world.deps);
    expect(due.map(placeOf)).toEqual([1, 2]);
    expect(later.map(placeOf)).toEqual([3]);
    expect(later[0]).toMatchObject({ retryAt: START + 1, collectionId: 'c1', machineId: ready(1).machineId });
  });

  it('tells who sleeps, and when a row was written, where the row says so', async () => {
    const world = createWorld();
    await written(world, [ready(1)]);
    await written(world, [parked(2, START + 1)], { asleep: 1, writtenAt: START - 5 });
    const { due, later } = await readAgenda(world.deps);
    expect(due[0]).toMatchObject({ asleep: false });
    expect(due[0]).not.toHaveProperty('writtenAt');
    expect(later[0]).toMatchObject({ asleep: true, writtenAt: START - 5 });
  });

  it('shows parked tasks although hundreds of ready ones come first, and where those go on', async () => {
    const world = createWorld();
    await written(world, [...Array.from({ length: 150 }, (_, n) => ready(n)), parked(900, START + 7)]);
    const { due, later, continuation = '' } = await readAgenda(world.deps);
    expect(due.map(placeOf)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(later.map(placeOf)).toEqual([900]);
    const more = await readMoreReady(world.deps, continuation);
    expect(more.due.map(placeOf)).toEqual(Array.from({ length: 50 }, (_, n) => 100 + n));
    expect(more.later).toEqual([]);
    expect(more).not.toHaveProperty('continuation');
  });

  it('shows the heads of all lanes, and what is parked, although hundreds of woken tasks come first', async () => {
    const world = createWorld();
    const woken = Array.from({ length: 150 }, (_, n) => parked(n, 0));
    const urgent = aCollection([], { createdAt: START, priority: 'urgent' });
    const key = taskAgendaKey(urgent, ready(800)) ?? '';
    await world.state.index.write('contoso|tasks', { put: [{ key, value: { machineId: 'm', asleep: 0 } }] });
    await written(world, [...woken, ready(700), parked(900, START + 7)]);
    const { due, later, continuation = '' } = await readAgenda(world.deps);
    expect(due.map(placeOf)).toEqual([...Array.from({ length: 100 }, (_, n) => n), 800, 700]);
    expect(later.map(placeOf)).toEqual([900]);
    const more = await readMoreReady(world.deps, continuation);
    expect(more.due.map(placeOf)).toEqual([...Array.from({ length: 50 }, (_, n) => 100 + n), 800, 700]);
  });

  it.each([0, 1, 50, 99])('shows a page of every lane beside %i woken tasks', async (count) => {
    const world = createWorld();
    const woken = Array.from({ length: count }, (_, n) => parked(n, 0));
    await written(world, [...woken, ...Array.from({ length: 150 }, (_, n) => ready(1000 + n))]);
    for (const priority of ['urgent', 'bulk'] as const) {
      const lane = aCollection([], { createdAt: START, priority });
      const keys = Array.from({ length: 150 }, (_, n) => taskAgendaKey(lane, ready(2000 + n)) ?? '');
      const put = keys.map((key) => ({ key, value: { machineId: 'm', asleep: 0 } }));
      await world.state.index.write('contoso|tasks', { put });
    }
    const { due } = await readAgenda(world.deps);
    expect(new Set(due.map(({ key }) => key)).size).toBe(due.length);
    const { urgent, normal, bulk } = Object.groupBy(due, ({ priority }) => priority);
    expect([urgent?.length, normal?.length, bulk?.length]).toEqual([100, count + 100, 100]);
  });

  it('is read in three calls of the storage while one lane fills the first page', async () => {
    const world = createWorld();
    await written(
      world,
      Array.from({ length: 150 }, (_, n) => ready(n)),
    );
    await world.call(async (deps) => readAgenda(deps));
    expect(world.calls.get('index.range')).toBe(3);
  });

  it('shows who waits for a time that has come, although a hundred sleepers have rested longer', async () => {
    const world = createWorld();
    await written(
      world,
      Array.from({ length: 150 }, (_, n) => parked(n, START - hours(1) + n)),
      { asleep: 1 },
    );
    await written(world, [parked(900, START)]);
    const { due } = await readAgenda(world.deps);
    expect(due.map(placeOf)).toContain(900);
  });

  it('shows such a one also where a task that is ready takes a place before the sleepers', async () => {
    const world = createWorld();
    const rested = Array.from({ length: 150 }, (_, n) => parked(n, START - hours(1) + n));
    await written(world, rested, { asleep: 1 });
    await written(world, [ready(800), parked(900, START)]);
    const { due } = await readAgenda(world.deps);
    expect(due.map(placeOf)).toContain(900);
  });

  it('shows of the sleepers beyond a hundred those alone that may share the run of one before them', async () => {
    const world = createWorld();
    const sleepers = Array.from({ length: 150 }, (_, n) => parked(n, START - hours(1) + n));
    await written(world, [...sleepers.slice(0, 100), ...sleepers.slice(120)], { asleep: 1 });
    await written(world, sleepers.slice(100, 120), { asleep: 1, machineId: 'another' });
    const { due } = await readAgenda(world.deps);
    const shown = Array.from({ length: 150 }, (_, n) => n).filter((n) => n < 100 || n >= 120);
    expect(due.map(placeOf)).toEqual(shown);
  });

  it('reads on once, and only where all that it shows are sleepers whose rest is over', async () => {
    const rested = (n: number) => parked(n, START);
    const readsOf = async (first: Task[], asleep: number, then: Task[] = []) => {
      const world = createWorld();
      await written(world, first, { asleep });
      await written(world, then);
      const { due, later } = await readAgenda(world.deps);
      return { reads: world.calls.get('index.range'), shown: due.length + later.length };
    };
    const many = Array.from({ length: 110 }, (_, n) => rested(n));
    expect(await readsOf(many, 1)).toEqual({ reads: 2, shown: 110 });
    expect(await readsOf(many, 0)).toEqual({ reads: 1, shown: 100 });
    expect(await readsOf(many.slice(1), 1, [parked(0, START - 1)])).toEqual({ reads: 1, shown: 100 });
    const resting = many.map((_, n) => parked(n, START + 1));
    expect(await readsOf(resting, 1)).toEqual({ reads: 1, shown: 100 });
    expect(await readsOf(many.slice(0, 100), 1)).toEqual({ reads: 1, shown: 100 });
    expect(await readsOf(many.slice(0, 99), 1)).toEqual({ reads: 1, shown: 99 });
  });

  it('tells which commands a task asks for, and whether it rests, where the row says so', async () => {
    const world = createWorld();
    await written(world, [ready(1)]);
    await written(world, [parked(2, START)], { asleep: 1, rests: 1, run: 'abc' });
    const { due } = await readAgenda(world.deps);
    expect(due[0]).toMatchObject({ rests: false });
    expect(due[0]).not.toHaveProperty('run');
    expect(due[1]).toMatchObject({ rests: true, run: 'abc' });
  });

  it('says nothing of the lane while woken tasks, which may be of any, go on', async () => {
    const world = createWorld();
    await written(
      world,
      Array.from({ length: 150 }, (_, n) => parked(n, 0)),
    );
    const agenda = await readAgenda(world.deps);
    expect(agenda.continuation).toBeDefined();
    expect(agenda).not.toHaveProperty('lane');
  });

  it('goes on through a thousand more at a time, and says of which lane those beyond are', async () => {
    const world = createWorld();
    await written(
      world,
      Array.from({ length: 1_200 }, (_, n) => ready(n)),
    );
    await world.state.index.write('contoso|tasks', { put: [{ key: '0000000000000|r|2|unreadable' }] });
    const { continuation = '' } = await readAgenda(world.deps);
    const more = await readMoreReady(world.deps, continuation);
    expect(more.due.length).toBeGreaterThanOrEqual(999);
    expect(more.lane).toBe('normal');
    const last = await readMoreReady(world.deps, more.continuation ?? '');
    expect([...more.due, ...last.due].map(placeOf)).toEqual(Array.from({ length: 1_100 }, (_, n) => 100 + n));
    expect(last).not.toHaveProperty('lane');
  });

  it('says of which lane the rest is, so that nobody reads on for what it may not give', async () => {
    const world = createWorld();
    const bulk = aCollection([], { createdAt: START, priority: 'bulk' });
    const put = Array.from({ length: 150 }, (_, n) => ({
      key: taskAgendaKey(bulk, ready(n)) ?? '',
      value: { machineId: `m${n}`, asleep: 0 },
    }));
    await world.state.index.write('contoso|tasks', { put });
    expect((await readAgenda(world.deps)).lane).toBe('bulk');
  });

  it('has no more ready tasks to read where parked ones fill the page', async () => {
    const world = createWorld();
    await written(world, [ready(1), ...Array.from({ length: 120 }, (_, n) => parked(10 + n, START + hours(1) + n))]);
    const agenda = await readAgenda(world.deps);
    expect(agenda.due.map(placeOf)).toEqual([1]);
    expect(agenda.later).toHaveLength(99);
    expect(agenda).not.toHaveProperty('continuation');
  });

  it('leaves out rows that it cannot read, and forgets those that are dropped', async () => {
    const world = createWorld();
    await world.state.index.write('contoso|tasks', { put: [{ key: '0000000000000|r' }] });
    await written(world, [ready(1), ready(2)]);
    await dropAgendaRows(world.deps, [taskAgendaKey(collection, ready(1)) ?? '']);
    expect((await readAgenda(world.deps)).due.map(placeOf)).toEqual([2]);
  });

  it('costs no write where nothing is dropped', async () => {
    const world = createWorld();
    await dropAgendaRows(world.deps, []);
    expect(world.calls.get('index.write')).toBeUndefined();
  });
});

describe('collections that are due', () => {
  const due = (collectionId: string, dueAt: number) => aCollection([], { collectionId, dueAt });

  it('are those whose time has come, or comes soon enough', async () => {
    const world = createWorld();
    const put = [due('now', START), due('soon', START + minutes(1)), due('later', START + minutes(1) + 1)];
    await world.state.index.write('contoso|collections', {
      put: [...put.map((c) => ({ key: collectionAgendaKey(c) ?? '' })), { key: '1' }],
    });
    const ids = async (top: number, aheadMs: number) =>
      (await dueCollections(world.deps, top, aheadMs)).map((c) => c.collectionId);
    expect(await ids(10, 0)).toEqual(['now']);
    expect(await ids(10, minutes(1))).toEqual(['now', 'soon']);
    expect(await ids(2, minutes(1))).toHaveLength(1);
    expect((await dueCollections(world.deps, 10, 0))[0]).toEqual({
      key: `${START}|now`,
      collectionId: 'now',
      dueAt: START,
    });
  });

  it('of which nothing is known any more are dropped', async () => {
    const world = createWorld();
    const key = `${START}|nobody`;
    await world.state.index.write('contoso|collections', { put: [{ key }] });
    await advanceDue(world.deps, { key, collectionId: 'nobody', dueAt: START });
    expect(await dueCollections(world.deps, 10, 0)).toEqual([]);
  });

  it('by a row of an earlier time are left alone for five minutes: their change may be on its way', async () => {
    const world = createWorld();
    const collectionId = await world.ask({ targets: [{ computerDnsName: 'nobody.contoso.com' }] });
    const key = `${START}|${collectionId}`;
    await world.state.index.write('contoso|collections', { put: [{ key }] });
    const look = async () => {
      await advanceDue(world.deps, { key, collectionId, dueAt: START });
      return (await dueCollections(world.deps, 10, minutes(-1))).map((c) => c.key);
    };
    world.clock.moveTo(START + minutes(5) - 1);
    expect(await look()).toContain(key);
    world.clock.moveTo(START + minutes(5));
    expect(await look()).not.toContain(key);
    expect((await world.state.collections.header(collectionId))?.value.expanded).toBe(false);
  });
});
