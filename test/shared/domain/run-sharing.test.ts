import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, ServedTask } from '../../../shared/domain/attempt.ts';
import type { Candidate } from '../../../shared/domain/dispatch-plan.ts';
import type { IndexedCommand } from '../../../shared/domain/request/collection-request.ts';
import {
  firstHeard,
  isServed,
  isUntellable,
  MOST_SERVED,
  matesOf,
  mayJoin,
  newcomers,
  planJoins,
  runText,
  servedAs,
  untoldSince,
  withServed,
} from '../../../shared/domain/run-sharing.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { aCandidate, anAttempt, aTask, attemptId, machineId, NOON } from './samples.ts';

const RUN = 'a'.repeat(32);

const waiting = (n: number, fields: Partial<Candidate> = {}): Candidate => aCandidate(n, { run: RUN, ...fields });
const serving = (...served: ServedTask[]): Partial<Attempt> => ({ tasks: served, run: RUN, machineId: machineId(1) });
const open = (fields: Partial<Attempt> = {}): Attempt =>
  anAttempt({ ...serving(servedAs(waiting(0))), state: 'open', machineActionId: 'action-1', ...fields });
const ids = (candidates: readonly Candidate[]): string[] => candidates.map((c) => c.taskId);

describe('what two requests must have in common', () => {
  const run: IndexedCommand = { type: 'RunScript', scriptName: 'a.ps1', args: '-x', index: 0 };
  const get: IndexedCommand = { type: 'GetFile', path: 'C:\\a', index: 1 };

  it('is every command with its arguments, in order', () => {
    const { args: _, ...bare } = run;
    const differing = [
      [run],
      [get],
      [run, get],
      [{ ...run, args: '-y' }],
      [bare],
      [{ ...run, scriptName: 'b.ps1' }],
      [
        { ...get, index: 0 },
        { ...run, index: 1 },
      ],
    ];
    expect(new Set(differing.map(runText)).size).toBe(differing.length);
  });

  it('is not the order of the fields', () => {
    expect(runText([{ index: 0, args: '-x', scriptName: 'a.ps1', type: 'RunScript' }])).toBe(runText([run]));
  });
});

describe('the tasks that share a submit', () => {
  it('ask the same of the same device, whatever their lane, and whether they wait for a turn or a time', () => {
    const others = [
      waiting(2, { priority: 'bulk' }),
      waiting(3, { retryAt: NOON + 999, asleep: true }),
      waiting(4, { machineId: machineId(2) }),
      waiting(5, { run: 'b'.repeat(32) }),
    ];
    expect(ids(matesOf(waiting(1), [waiting(1), ...others]))).toEqual(['t2', 't3']);
  });

  it('are none where a row of an earlier version does not tell what is asked', () => {
    const { run: _, ...old } = waiting(1);
    const { run: _also, ...alsoOld } = waiting(2);
    expect(matesOf(old, [waiting(2), alsoOld])).toEqual([]);
    expect(matesOf(waiting(2), [old])).toEqual([]);
  });

  it('are each named once, by their latest wait', () => {
    const [mate, ...rest] = matesOf(waiting(1), [waiting(2, { since: 5 }), waiting(2, { since: 9 })]);
    expect([mate?.since, rest]).toEqual([9, []]);
  });

  it('are as many as a row holds', () => {
    const crowd = Array.from({ length: 2 * MOST_SERVED }, (_, n) => waiting(n + 2));
    expect(matesOf(waiting(1), crowd)).toHaveLength(MOST_SERVED - 1);
    expect(newcomers(open(), crowd)).toHaveLength(MOST_SERVED - 1);
    expect(mayJoin(withServed(open(), crowd.slice(1, MOST_SERVED)))).toBe(false);
  });
});

describe('joining an attempt', () => {
  it.each([
    ['being submitted', { state: 'submitting' }, true],
    ['open', {}, true],
    ['begun', { begunAt: NOON }, true],
    ['on probation', { cancel: { reason: 'probation', requestedAt: 0, tries: 1, nextAt: 0 } }, true],
    ['giving way to an urgent task', { cancel: { reason: 'yielded', requestedAt: 0, tries: 1, nextAt: 0 } }, true],
    ['cancelled by its requester', { cancel: { reason: 'requested', requestedAt: 0, tries: 0, nextAt: 0 } }, false],
    ['expired', { cancel: { reason: 'expired', requestedAt: 0, tries: 0, nextAt: 0 } }, false],
    ['stuck', { cancel: { reason: 'stuck', requestedAt: 0, tries: 0, nextAt: 0 } }, false],
    ['over, its results being stored', { state: 'archiving' }, false],
    ['closed', { state: 'closed' }, false],
  ] as [string, Partial<Attempt>, boolean][])('that is %s', (_, fields, may) => {
    expect(mayJoin(open(fields))).toBe(may);
    expect(planJoins([open(fields)], [waiting(1)])).toHaveLength(may ? 1 : 0);
  });

  it('of an earlier version, which does not tell what it runs, is for nobody', () => {
    const { run: _, ...early } = open();
    const { run: _also, ...alsoEarly } = waiting(2);
    expect(mayJoin(early)).toBe(false);
    expect(planJoins([early], [waiting(1), alsoEarly])).toEqual([]);
  });

  it('is for those who ask the same of its device and are not in it yet', () => {
    const others = [waiting(0), waiting(1), waiting(2, { machineId: machineId(2) }), waiting(3, { run: 'b' })];
    expect(planJoins([open()], others).map(({ candidates }) => ids(candidates))).toEqual([['t1']]);
  });

  it('makes it as urgent as the most urgent whom it serves, where all rows tell', () => {
    const bulk = open({ priority: 'bulk' });
    expect(withServed(bulk, [waiting(1, { priority: 'urgent' }), waiting(2)]).priority).toBe('urgent');
    expect(withServed(bulk, [waiting(1, { priority: 'bulk' })]).priority).toBe('bulk');
    expect(withServed(open({ priority: 'urgent' }), [waiting(1, { priority: 'bulk' })]).priority).toBe('urgent');
    expect(withServed(open(), [waiting(1)])).not.toHaveProperty('priority');
  });

  it('never names a task twice, whoever comes in whatever order', () => {
    const anyone = fc.record({ n: fc.integer({ min: 0, max: 8 }), since: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(fc.array(anyone, { maxLength: 9 }), { maxLength: 9 }), (rounds) => {
        const attempt = rounds.reduce((current, round) => {
          const candidates = round.map(({ n, since }) => waiting(n, { since }));
          return withServed(current, newcomers(current, candidates));
        }, open());
        const names = attempt.tasks.map((t) => `${t.collectionId}|${t.taskId}`);
        expect(new Set(names).size).toBe(names.length);
        expect(names[0]).toBe('c0|t0');
      }),
    );
  });

  it('makes what was last told news again', () => {
    expect(withServed(open({ told: 'begun:running' }), [waiting(1)])).not.toHaveProperty('told');
  });
});

describe('a task that has not heard of its attempt', () => {
  const served: ServedTask = { collectionId: 'c1', taskId: 't1', since: NOON };
  const task = aTask({ state: 'queued', machineId: machineId(1), waiting: { since: NOON } });

  it('is told of the submit, or that it joined, with the action that there is', () => {
    expect(firstHeard(served, open(), task, NOON).map((e) => e.type)).toEqual(['submitting']);
    const [joined] = firstHeard({ ...served, joined: true }, open(), task, NOON);
    expect(joined).toMatchObject({ type: 'joined', machineActionId: 'action-1' });
    const pending = joined && transition(task, joined);
    expect(pending).toMatchObject({ state: 'pending', attempts: 1, machineActionId: 'action-1' });
    const { machineActionId: _, ...submitting } = open({ state: 'submitting' });
    const [early] = firstHeard({ ...served, joined: true }, submitting, task, NOON);
    expect(early && transition(task, early)).toMatchObject({ state: 'submitting', attempts: 0 });
  });

  it('learns the name that Defender has for its device, and no name or action that nobody has told yet', () => {
    const told = { type: 'joined', at: NOON + 1, attemptId: open().attemptId, served: 1 };
    const computerDnsName = 'ws1.contoso.com';
    const toldOf = (attempt: Attempt) => firstHeard({ ...served, joined: true }, attempt, task, NOON + 1);
    const { machineActionId, ...submitting } = open({ state: 'submitting' });
    expect(toldOf(open({ computerDnsName }))).toStrictEqual([{ ...told, machineActionId, computerDnsName }]);
    expect(toldOf(open())).toStrictEqual([{ ...told, machineActionId }]);
    expect(toldOf(submitting)).toStrictEqual([told]);
  });

  it.each([
    ['waits anew', { waiting: { since: NOON + 1 } }],
    ['has moved on', { state: 'pending' as const }],
    ['has ended', { state: 'cancelled' as const }],
    ['has another device', { machineId: machineId(2) }],
  ])('is none that %s', (_, fields) => {
    expect(firstHeard(served, open(), { ...task, ...fields }, NOON)).toEqual([]);
  });

  it('is none of an attempt of an earlier version, whose task was told', () => {
    expect(firstHeard({ collectionId: 'c1', taskId: 't1' }, open(), task, NOON)).toEqual([]);
  });

  it('counts among those for whom the run goes on, as do those who wait for its end', () => {
    const mine = { ...task, attemptId: open().attemptId };
    expect(isServed(served, open(), task)).toBe(true);
    for (const state of ['submitting', 'pending', 'running'] as const)
      expect(isServed(served, open(), { ...mine, state })).toBe(true);
    for (const state of ['archiving', 'archived', 'cancelled'] as const)
      expect(isServed(served, open(), { ...mine, state })).toBe(false);
    expect(isServed(served, open(), { ...mine, state: 'pending', attemptId: attemptId(99) })).toBe(false);
  });
});

describe('leaving a run that goes on for others', () => {
  const failure = { code: 'Cancelled' } as never;
  const running = aTask({
    state: 'running',
    attemptId: attemptId(1),
    commands: [
      { index: 0, type: 'PutFile', state: 'completed', errors: [] },
      { index: 1, type: 'RunScript', state: 'completed', errors: [] },
      { index: 2, type: 'GetFile', state: 'running', errors: [] },
      { index: 3, type: 'GetFile', state: 'waiting', errors: [] },
    ],
  });

  const states = (task: Task) => task.commands.map((c) => [c.state, c.errors.length]);
  const event = { type: 'left' as const, at: NOON, attemptId: attemptId(1), failure };

  it('ends the task, says of each command why it has no result, and leaves what it had', () => {
    const stored = running.commands.map((c) => (c.index === 1 ? { ...c, state: 'archived' as const } : c));
    const left = transition({ ...running, commands: stored }, event);
    expect(left).toMatchObject({ state: 'partial', endedAt: NOON });
    expect(states(left)).toEqual([
      ['completed', 0],
      ['archived', 0],
      ['failed', 1],
      ['notRun', 0],
    ]);
  });

  it('waits for a result whose command has ended: it is on its way and has won the race', () => {
    const left = transition(running, event);
    expect(left.state).toBe('archiving');
    expect(states(left)).toEqual([
      ['completed', 0],
      ['completed', 0],
      ['failed', 1],
      ['notRun', 0],
    ]);
    expect(transition(left, { ...event, lost: true })).toMatchObject({ state: 'cancelled', endedAt: NOON });
  });

  it('is nothing for a task that is in another attempt, waits, or knows that the action is over', () => {
    for (const task of [
      { ...running, attemptId: attemptId(2) },
      { ...running, state: 'parked' as const },
      { ...running, state: 'archiving' as const },
    ])
      expect(transition(task, event)).toBe(task);
    expect(transition({ ...running, state: 'archiving' }, { ...event, lost: true }).state).toBe('cancelled');
  });
});

describe('collections that cannot be told of the end', () => {
  it('are those that failed at every look since the first; another one that fails once starts no time', () => {
    const first = untoldSince(undefined, ['a', 'b'], NOON);
    expect(first).toEqual({ since: NOON, looks: 1, collections: ['a', 'b'] });
    const later = untoldSince(first, ['b', 'c'], NOON + 60_000);
    expect(later).toEqual({ since: NOON, looks: 2, collections: ['b'] });
    expect(untoldSince(later, ['c'], NOON + 120_000)).toEqual({ since: NOON + 120_000, looks: 1, collections: ['c'] });
  });

  it('are given up after many looks over an hour: an outage in which nobody looks does not count', () => {
    const hour = 3_600_000;
    const untold = (looks: number) => ({ since: NOON, looks, collections: ['a'] });
    expect(isUntellable(untold(15), NOON + hour)).toBe(true);
    expect(isUntellable(untold(14), NOON + 9 * hour)).toBe(false);
    expect(isUntellable(untold(99), NOON + hour - 1)).toBe(false);
  });
});
