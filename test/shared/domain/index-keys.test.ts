import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Collection } from '../../../shared/domain/collection.ts';
import {
  collectionAgendaKey,
  collectionsAgenda,
  dueBy,
  dueKey,
  isStaleDueTime,
  isStaleTurn,
  listKey,
  listRange,
  listsPartition,
  PARKED,
  poisonPartition,
  READY,
  readCollectionAgendaKey,
  readListKey,
  readTaskAgendaKey,
  readyIn,
  removedPartition,
  stateList,
  taskAgendaKey,
  tasksAgenda,
  wakingPartition,
} from '../../../shared/domain/index-keys.ts';
import { PRIORITIES } from '../../../shared/domain/request/collection-request.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { aCollection, aTask, NOON } from './samples.ts';

const instant = fc.integer({ min: 1, max: 9_000_000_000_000 });
const within = (key: string, range: { from: string; to: string }): boolean => range.from <= key && key < range.to;
const keyOf = (collection: Partial<Collection>, task: Partial<Task> = {}): string =>
  taskAgendaKey(aCollection([], collection), aTask(task)) ?? 'none';
const parkedUntil = (retryAt: number): Partial<Task> => ({
  state: 'parked',
  waiting: { since: NOON, reason: 'MachineAsleep', retryAt },
});
const sorted = (keys: string[]): string[] => [...keys].sort();

describe('the agenda of tasks', () => {
  it('sorts ready tasks by lane, then acceptance, then place in the request', () => {
    const anyTask = fc.record({
      priority: fc.constantFrom(...PRIORITIES),
      createdAt: instant,
      place: fc.integer({ min: 0, max: 999 }),
    });
    const rank = { urgent: 0, normal: 1, bulk: 2 };
    fc.assert(
      fc.property(anyTask, anyTask, (a, b) => {
        const key = (t: typeof a) =>
          keyOf({ priority: t.priority, createdAt: t.createdAt }, { taskId: String(t.place).padStart(4, '0') });
        const order = rank[a.priority] - rank[b.priority] || a.createdAt - b.createdAt || a.place - b.place;
        expect(Math.sign(key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)).toBe(Math.sign(order));
      }),
    );
  });

  it('sorts ready tasks with turns by lane, then turn, then acceptance, and reads both back', () => {
    const near = fc.integer({ min: 0, max: 3 });
    const anyTask = fc.record({ priority: fc.constantFrom(...PRIORITIES), from: near, accepted: near, place: near });
    const rank = { urgent: 0, normal: 1, bulk: 2 };
    fc.assert(
      fc.property(anyTask, anyTask, (a, b) => {
        const key = ({ priority, from, accepted, place }: typeof a) =>
          keyOf(
            { priority, createdAt: NOON + accepted, turnsFrom: NOON + from, turnEveryMs: 2 },
            { taskId: `${String(place).padStart(4, '0')}-a` },
          );
        const turn = (t: typeof a) => t.from + 2 * t.place;
        const order = rank[a.priority] - rank[b.priority] || turn(a) - turn(b) || a.accepted - b.accepted;
        if (order !== 0) expect(Math.sign(key(a) < key(b) ? -1 : 1)).toBe(Math.sign(order));
        expect(readTaskAgendaKey(key(a))).toMatchObject({ turn: NOON + turn(a), acceptedAt: NOON + a.accepted });
        expect(within(key(a), readyIn(a.priority))).toBe(true);
      }),
    );
  });

  it('sorts parked tasks by the time they wait for, behind all that are ready', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [first, second] = [keyOf({}, parkedUntil(Math.min(a, b))), keyOf({}, parkedUntil(Math.max(a, b)))];
        if (a !== b) expect(first < second).toBe(true);
        expect(keyOf({ priority: 'bulk' }) < first).toBe(true);
      }),
    );
  });

  it('has ready tasks in one range and parked ones in another', () => {
    fc.assert(
      fc.property(instant, (at) => {
        const ready = keyOf({ createdAt: at });
        const parked = keyOf({}, parkedUntil(at));
        expect([within(ready, READY), within(ready, PARKED)]).toEqual([true, false]);
        expect([within(parked, READY), within(parked, PARKED)]).toEqual([false, true]);
      }),
    );
  });

  it('can be read back', () => {
    fc.assert(
      fc.property(instant, instant, fc.constantFrom(...PRIORITIES), (createdAt, retryAt, priority) => {
        const read = readTaskAgendaKey(keyOf({ priority, createdAt }, parkedUntil(retryAt)));
        expect(read).toMatchObject({ collectionId: 'c1', taskId: '0000-aaaaaaaaaaaa', acceptedAt: createdAt, retryAt });
        expect(readTaskAgendaKey(keyOf({ priority, createdAt }))).toMatchObject({ retryAt: 0 });
      }),
    );
  });

  it('passes over keys of another form', () => {
    for (const key of [
      '0000000000000|r||1|c|t',
      '0000000000000|r|2||c|t',
      '0000000000000|r|2|1||t',
      '',
      'x',
      '0000000000000|x|1|2|c|t|s',
      '0000000000000|r|1|2|c',
      '|r|1|2|c|t',
    ])
      expect(readTaskAgendaKey(key)).toBeUndefined();
  });

  it('names only tasks that wait and whose machine is known', () => {
    const unresolved = aTask();
    delete unresolved.machineId;
    expect(taskAgendaKey(aCollection([]), unresolved)).toBeUndefined();
    for (const state of ['submitting', 'pending', 'running', 'archiving', 'archived', 'failed'] as const)
      expect(taskAgendaKey(aCollection([]), aTask({ state }))).toBeUndefined();
  });

  it('has a parked task that names no time among those that are ready', () => {
    const { waiting: _, ...timeless } = aTask({ state: 'parked' });
    const key = taskAgendaKey(aCollection([]), timeless) ?? 'none';
    expect(within(key, READY)).toBe(true);
  });

  it('gives each wait a key of its own, so that a late removal hits no later one', () => {
    expect(keyOf({}, { waiting: { since: NOON } })).not.toBe(keyOf({}, { waiting: { since: NOON + 1 } }));
  });

  it('holds no character that a table refuses in a key', () => {
    expect(keyOf({})).not.toMatch(/[/\\#?\p{Cc}]/u);
  });
});

describe('the agenda of collections', () => {
  const due = (dueAt: number): string => collectionAgendaKey(aCollection([], { dueAt })) ?? 'none';

  it('gives exactly what is due by now', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -3, max: 3 }), (now, offset) => {
        fc.pre(now + offset > 0);
        expect(within(due(now + offset), { from: '0', to: dueBy(now) })).toBe(offset <= 0);
      }),
    );
  });

  it('passes over keys of another form', () => {
    for (const key of ['', '|c1', '0000000000001', '0000000000001|'])
      expect(readCollectionAgendaKey(key)).toBeUndefined();
  });

  it('can be read back, and names no collection that needs no look', () => {
    expect(readCollectionAgendaKey(due(NOON))).toEqual({ collectionId: 'c1', dueAt: NOON });
    expect(collectionAgendaKey(aCollection([]))).toBeUndefined();
  });
});

describe('the index of a tenant', () => {
  it('has a partition for each kind of row, apart from those of other tenants', () => {
    const partitions = [
      tasksAgenda,
      collectionsAgenda,
      listsPartition,
      poisonPartition,
      removedPartition,
      wakingPartition,
    ];
    const names = ['default', 'other'].flatMap((tenant) => partitions.map((partition) => partition(tenant)));
    expect(new Set(names).size).toBe(2 * partitions.length);
  });

  it('finds rows by time, each of two of one instant for itself', () => {
    const [one, other] = [dueKey(NOON, 'a'), dueKey(NOON, 'b')];
    expect(one).not.toBe(other);
    expect(sorted([dueKey(NOON + 1, 'a'), other, one])).toEqual([one, other, dueKey(NOON + 1, 'a')]);
  });
});

describe('a list of collections', () => {
  const key = (createdAt: number, collectionId = 'c1'): string =>
    listKey('all', aCollection([], { createdAt, collectionId }));

  it('is newest first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(instant, { maxLength: 10 }), (instants) => {
        const keys = sorted(instants.map((at) => key(at, `c${at}`)));
        expect(keys.map(readListKey)).toEqual([...instants].sort((a, b) => b - a).map((at) => `c${at}`));
      }),
    );
  });

  it('holds from its first instant to just before its last', () => {
    const near = fc.integer({ min: -2, max: 2 });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 1_000 }), near, (start, length, offset) => {
        const from = start + 5;
        const to = from + length;
        for (const createdAt of [from + offset, to + offset]) {
          const inside = from <= createdAt && createdAt < to;
          expect(within(key(createdAt), listRange('all', { from, to }))).toBe(inside);
          expect(within(key(createdAt), listRange('all', { from }))).toBe(from <= createdAt);
          expect(within(key(createdAt), listRange('all', { to }))).toBe(createdAt < to);
          expect(within(key(createdAt), listRange('all', {}))).toBe(true);
        }
      }),
    );
  });

  it('holds nothing of another list', () => {
    const other = listKey('case|abc', aCollection([]));
    expect(within(other, listRange('all', {}))).toBe(false);
    expect(within(other, listRange('case|abcd', {}))).toBe(false);
    expect(within(other, listRange('case|ab', {}))).toBe(false);
    expect(within(other, listRange('case|abc', {}))).toBe(true);
  });

  it('by state has one list for all that is open, and one for each way to end', () => {
    expect(stateList(aCollection([aTask()]))).toBe('state|open');
    const closing = { at: NOON, state: 'cancelled' as const, outcome: 'none' as const };
    expect(stateList(aCollection([], { closing, cancel: { at: NOON, by: { kind: 'http' } } }))).toBe('state|open');
    expect(stateList(aCollection([], { closing, ended: true }))).toBe('state|cancelled');
  });
});

describe('an agenda row that does not fit', () => {
  const key = keyOf({}, { updatedAt: NOON });
  const task = (updatedAt: number) => aTask({ updatedAt });

  it('may be early while its change can still be on its way', () => {
    expect(isStaleTurn(key, undefined, NOON + seconds(30))).toBe(false);
    expect(isStaleTurn(key, task(NOON - 1), NOON)).toBe(false);
    expect(isStaleDueTime(collectionAgendaKey(aCollection([], { dueAt: NOON })) ?? '', NOON + seconds(30))).toBe(false);
  });

  it('may be early also when the clock of its writer is behind', () => {
    expect(isStaleTurn(key, task(NOON + minutes(1)), NOON + seconds(61))).toBe(false);
  });

  it('is stale once its task has moved on for good, or no change can take so long', () => {
    expect(isStaleTurn(key, task(NOON + seconds(61)), NOON + seconds(62))).toBe(true);
    expect(isStaleTurn(key, undefined, NOON + minutes(5) - 1)).toBe(false);
    expect(isStaleTurn(key, undefined, NOON + minutes(5))).toBe(true);
    expect(isStaleTurn(key, task(NOON), NOON + minutes(5))).toBe(true);
    const due = collectionAgendaKey(aCollection([], { dueAt: NOON })) ?? '';
    expect([isStaleDueTime(due, NOON + minutes(5) - 1), isStaleDueTime(due, NOON + minutes(5))]).toEqual([false, true]);
  });
});
