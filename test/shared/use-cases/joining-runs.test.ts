import { describe, expect, it } from 'vitest';
import { READY, taskAgendaKey } from '../../../shared/domain/index-keys.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { IndexRow, SortedIndex } from '../../../shared/ports.ts';
import { type Agenda, readAgenda } from '../../../shared/use-cases/agenda.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { joinRuns } from '../../../shared/use-cases/join-runs.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { device, devices } from '../../world/fleet.ts';
import { custodyOf, taskOf, tasksOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { aCollection, aTask, attemptId } from '../domain/samples.ts';

const anna = device();
const [bert = anna] = devices(1);
const TENANT = 'contoso';
const TASKS = `${TENANT}|tasks`;
const EVERYTHING = { from: '0', to: '~', top: 1000 };

const stateOf = async (world: World, id: string): Promise<string | undefined> => (await tasksOf(world, id))[0]?.state;
const statesOf = (world: World, ids: readonly string[]) => Promise.all(ids.map((id) => stateOf(world, id)));

/** A world in which each device has a run, and from then on nothing happens by itself. */
async function withRuns(...fleet: (typeof anna)[]): Promise<{ world: World; first: string[] }> {
  const world = createWorld({ devices: fleet });
  const first: string[] = [];
  for (const one of fleet) first.push(await world.ask({ devices: [one] }));
  await world.runUntil(async () => (await statesOf(world, first)).every((s) => s === 'pending'), {
    atMost: minutes(1),
  });
  world.lose('ticks', 1000);
  return { world, first };
}

/** Asks for the same as the run of a device does, and waits. */
async function askToo(world: World, on = anna): Promise<string> {
  const id = await world.ask({ devices: [on] });
  await world.run(0);
  expect(await stateOf(world, id)).toBe('queued');
  return id;
}

async function look(world: World, deps: Partial<Deps> = {}, agenda?: Agenda): Promise<number> {
  const all = { ...world.deps, ...deps };
  return joinRuns(all, agenda ?? (await readAgenda(all)), await world.state.work.load(TENANT));
}

/** Tasks of the same lane, accepted long before, that wait for other devices. */
async function crowd(world: World, count: number): Promise<void> {
  const before = aCollection([], { collectionId: 'crowd', createdAt: START - hours(1) });
  const put = Array.from({ length: count }, (_, n) => {
    const task = aTask({ collectionId: 'crowd', taskId: `${n}`.padStart(4, '0'), waiting: { since: START } });
    return { key: taskAgendaKey(before, task) ?? '', value: { machineId: `other-${n}`, run: 'another' } };
  });
  await world.state.index.write(TASKS, { put });
}

async function rowOf(world: World, collectionId: string): Promise<IndexRow> {
  const { value } = await world.state.index.range(TASKS, EVERYTHING);
  const row = value.find(({ key }) => key.includes(collectionId));
  if (!row) throw new Error(`no turn of ${collectionId}`);
  return row;
}

/** What an operator is told of tasks that share a run (operations.md). */
const joinsLogged = (world: World) => world.log.entries.filter((e) => e.event === 'action.joined').map((e) => e.fields);

/** An index whose ready tasks never end; the row is on the page given, counted from the first that is read on. */
function endless(world: World, row: IndexRow, place: number): { index: SortedIndex; read(): number } {
  let read = 0;
  const range: SortedIndex['range'] = async (partition, query) => {
    if (query.to !== READY.to) return world.state.index.range(partition, query);
    read += 1;
    return { value: read === place ? [row] : [], continuation: `after ${read}` };
  };
  return { index: { ...world.deps.index, range }, read: () => read };
}

describe('who asks for what runs already, behind a hundred others of the same lane', () => {
  it('joins at the next look, which reads on to the end', async () => {
    const { world } = await withRuns(anna);
    await crowd(world, 150);
    const second = await askToo(world);
    const reads = world.calls.get('index.range') ?? 0;
    const agenda = await readAgenda(world.deps);
    const head = (world.calls.get('index.range') ?? 0) - reads;
    expect(await look(world, {}, agenda)).toBe(1);
    expect(await stateOf(world, second)).toBe('pending');
    expect((world.calls.get('index.range') ?? 0) - reads).toBe(head + 1);
  });

  it('joins although other runs take nobody any more', async () => {
    const { world, first } = await withRuns(anna, bert);
    await cancelCollection(world.deps, first[1] ?? '', { by: { kind: 'http' } });
    await crowd(world, 150);
    const second = await askToo(world);
    expect(await look(world)).toBe(1);
    expect(await stateOf(world, second)).toBe('pending');
  });

  it('is looked for twice a minute', async () => {
    const { world } = await withRuns(anna);
    await crowd(world, 150);
    const second = await askToo(world);
    expect(await look(world)).toBe(1);
    const third = await askToo(world);
    world.clock.moveTo(world.clock.now() + seconds(30) - 1);
    expect(await look(world)).toBe(0);
    world.clock.moveTo(world.clock.now() + 1);
    expect(await look(world)).toBe(1);
    expect(await statesOf(world, [second, third])).toEqual(['pending', 'pending']);
  });

  it('is looked for at once where the looks before had nobody behind the first hundred', async () => {
    const { world } = await withRuns(anna);
    expect(await look(world)).toBe(0);
    await crowd(world, 150);
    await askToo(world);
    expect(await look(world)).toBe(1);
  });

  it('is looked for at once where nothing ran that could be joined before, which costs no reading', async () => {
    const { world, first } = await withRuns(anna);
    await crowd(world, 150);
    await askToo(world);
    const work = await world.state.work.load(TENANT);
    const agenda = await readAgenda(world.deps);
    const reads = world.calls.get('index.range');
    const [attempt] = work.attempts;
    const full = work.attempts.map((row) => ({
      ...row,
      value: { ...row.value, tasks: Array.from({ length: 50 }, () => ({ collectionId: first[0] ?? '', taskId: 'x' })) },
    }));
    expect(attempt).toBeDefined();
    expect(await joinRuns(world.deps, agenda, { ...work, attempts: full })).toBe(0);
    expect(world.calls.get('index.range')).toBe(reads);
    expect(await look(world)).toBe(1);
  });

  it.each([
    ['joins from the tenth page', 10, 1],
    ['waits for its turn on the eleventh page, which one look does not reach', 11, 0],
  ])('%s', async (_, place, joined) => {
    const { world } = await withRuns(anna);
    const second = await askToo(world);
    const pages = endless(world, await rowOf(world, second), place);
    const agenda: Agenda = { due: [], later: [], continuation: 'the first hundred' };
    expect(await look(world, { index: pages.index }, agenda)).toBe(joined);
    expect(pages.read()).toBe(10);
  });
});

describe('a look for those who join', () => {
  it('counts all who join, of all runs, and nobody twice', async () => {
    const { world } = await withRuns(anna, bert);
    const ids = [await askToo(world), await askToo(world), await askToo(world, bert)];
    const agenda = await readAgenda(world.deps);
    const work = await world.state.work.load(TENANT);
    expect(await joinRuns(world.deps, agenda, work)).toBe(3);
    expect(await statesOf(world, ids)).toEqual(['pending', 'pending', 'pending']);
    const { attemptId: annas } = await taskOf(world, ids[0] ?? '');
    expect(joinsLogged(world)).toContainEqual({ attemptId: annas, tasks: 2, served: 3 });
    const writes = world.calls.get('work.commit');
    expect(await joinRuns(world.deps, agenda, work)).toBe(0);
    expect(world.calls.get('work.commit')).toBe(writes);
    for (const id of ids)
      expect((await custodyOf(world, id)).filter((e) => e.type === 'attempt.joined')).toHaveLength(1);
  });

  it('finds those who wait for a time of their own as well', async () => {
    const { world } = await withRuns(anna);
    const second = await askToo(world);
    const { due } = await readAgenda(world.deps);
    expect(await look(world, {}, { due: [], later: due })).toBe(1);
    expect(await stateOf(world, second)).toBe('pending');
  });

  it('goes on with other runs where one cannot be read', async () => {
    const { world, first } = await withRuns(anna, bert);
    const [annas = '', berts = ''] = [await askToo(world), await askToo(world, bert)];
    const { attemptId: broken } = await taskOf(world, first[0] ?? '');
    const { work } = world.deps;
    const attempt: typeof work.attempt = (tenantId, id) =>
      id === broken ? Promise.reject(new Error('the row cannot be read')) : work.attempt(tenantId, id);
    expect(await look(world, { work: { ...work, attempt } })).toBe(1);
    expect(await statesOf(world, [annas, berts])).toEqual(['queued', 'pending']);
  });

  it('lets nobody join a run that is gone by now, which is no fault', async () => {
    const { world } = await withRuns(anna);
    const second = await askToo(world);
    const work = await world.state.work.load(TENANT);
    const gone = work.attempts.map((row) => ({ ...row, value: { ...row.value, attemptId: attemptId(404) } }));
    const agenda = await readAgenda(world.deps);
    expect(await joinRuns(world.deps, agenda, { ...work, attempts: gone })).toBe(0);
    expect(await stateOf(world, second)).toBe('queued');
    expect(world.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('a turn that is left beside its task', () => {
  const turnsLeft = async (world: World): Promise<string[]> =>
    (await world.state.index.range(TASKS, EVERYTHING)).value.map(({ key }) => key);

  /** Of one that asked for the same, and was cancelled. @returns its key */
  async function leaveTurn(world: World, writtenBeforeMs: number): Promise<string> {
    const second = await askToo(world);
    const row = await rowOf(world, second);
    world.clock.moveTo(world.clock.now() + minutes(2));
    await cancelCollection(world.deps, second, { by: { kind: 'http' } });
    const value = { ...row.value, writtenAt: world.clock.now() - writtenBeforeMs };
    await world.state.index.write(TASKS, { put: [{ ...row, value }] });
    return row.key;
  }

  it('lets none that was cancelled join, and is dropped once it cannot be of a change under way', async () => {
    const { world } = await withRuns(anna);
    await leaveTurn(world, minutes(1) + 1);
    expect(await look(world)).toBe(0);
    expect(await turnsLeft(world)).toEqual([]);
    expect(joinsLogged(world)).toEqual([]);
  });

  it('stays while it may be early', async () => {
    const { world } = await withRuns(anna);
    const key = await leaveTurn(world, minutes(1));
    expect(await look(world)).toBe(0);
    expect(await turnsLeft(world)).toEqual([key]);
  });

  it('is dropped beside another who joins in the same look', async () => {
    const { world } = await withRuns(anna);
    const third = await askToo(world);
    await leaveTurn(world, minutes(2));
    expect(await look(world)).toBe(1);
    expect(await stateOf(world, third)).toBe('pending');
    expect(await turnsLeft(world)).toEqual([]);
  });

  it('is dropped when there is no such collection any more', async () => {
    const { world } = await withRuns(anna);
    const second = await askToo(world);
    const { key, value } = await rowOf(world, second);
    const removed = { key: key.replace(second, 'removed'), value: { ...value, writtenAt: START - minutes(5) } };
    await world.state.index.write(TASKS, { put: [removed], remove: [key] });
    expect(await look(world)).toBe(0);
    expect(await turnsLeft(world)).toEqual([]);
  });

  it('takes no task out of another run', async () => {
    const { world, first } = await withRuns(anna, bert);
    const second = await askToo(world);
    const { key, value } = await rowOf(world, second);
    const [annas = '', berts = ''] = first;
    const { taskId, attemptId: elsewhere } = await taskOf(world, berts);
    const left = key.replace(second, berts).replace((await taskOf(world, second)).taskId, taskId);
    await world.state.index.write(TASKS, { put: [{ key: left, ...(value ? { value } : {}) }], remove: [key] });
    expect(await look(world)).toBe(0);
    expect((await taskOf(world, berts)).attemptId).toBe(elsewhere);
    expect((await taskOf(world, annas)).attemptId).not.toBe(elsewhere);
  });
});
