import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../shared/domain/action-outcome.ts';
import { combineReads, onlyReads, othersOf, ownPart } from '../../../shared/domain/combined-reads.ts';
import type { Candidate } from '../../../shared/domain/dispatch-plan.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { Command } from '../../../shared/domain/request/collection-request.ts';
import { MOST_SERVED } from '../../../shared/domain/run-sharing.ts';
import { aCandidate, anAttempt, getFile, machineId, NOON, putFile, runScript } from './samples.ts';

/** A task whose request is named by a letter. */
const waiting = (n: number, run: string, fields: Partial<Candidate> = {}): Candidate =>
  aCandidate(n, { run, ...fields });
const reads = (...names: string[]): Command[] => names.map((name) => getFile(`C:\\${name}`));
const ids = (candidates: readonly Candidate[]): string[] => candidates.map((c) => c.taskId);
const combine = (
  commands: readonly Command[],
  all: readonly Candidate[],
  asks: Record<string, readonly Command[]>,
  chosen = waiting(0, 'a'),
) => combineReads({ commands, candidates: [chosen] }, othersOf(chosen, all, NOON), all, ({ run }) => asks[run ?? '']);

describe('what goes out as one action', () => {
  it.each([
    ['files alone', reads('a', 'b'), true],
    ['a script', [runScript()], false],
    ['a file that is put', [putFile(), ...reads('a')], false],
    ['a script and a file that it leaves', [runScript(), ...reads('a')], false],
  ])('%s: %s', (_, commands, together) => {
    const all = [waiting(0, 'a'), waiting(1, 'b')];
    expect(onlyReads(commands)).toBe(together);
    expect(combine(commands, all, { b: reads('c') }).behind).toHaveLength(together ? 1 : 0);
    expect(combine(reads('c'), all, { b: commands }).behind).toHaveLength(together ? 1 : 0);
  });

  it('the files of each request stand behind those of the one before, for all who ask the same', () => {
    const all = [waiting(0, 'a'), waiting(1, 'b'), waiting(2, 'c'), waiting(3, 'b')];
    const { commands, candidates, behind } = combine(reads('1', '2'), all, { b: reads('3'), c: reads('4', '5') });
    expect(commands).toEqual(reads('1', '2', '3', '4', '5'));
    expect(behind).toEqual([
      { run: 'b', firstIndex: 2 },
      { run: 'c', firstIndex: 3 },
    ]);
    expect(candidates.map(({ candidate, firstIndex }) => [candidate.taskId, firstIndex])).toEqual([
      ['t0', 0],
      ['t1', 2],
      ['t3', 2],
      ['t2', 3],
    ]);
  });

  it('is for one device, and not for whom it does not suit or of whom nothing is known', () => {
    const all = [
      waiting(0, 'a'),
      waiting(1, 'b', { machineId: machineId(2) }),
      waiting(2, 'c', { retryAt: NOON + 1 }),
      waiting(3, 'd', { retryAt: NOON + 1, asleep: true, rests: true }),
      waiting(7, 'h', { retryAt: NOON + 1, asleep: true, rests: false }),
      waiting(8, 'i', { alone: true }),
      waiting(9, 'j', { priority: 'bulk' }),
      // A row that an earlier wait left, and that of this one.
      waiting(10, 'k', { since: NOON }),
      waiting(10, 'k', { since: NOON + 5, retryAt: NOON + 1 }),
      waiting(4, 'e', { retryAt: NOON - 1 }),
      { ...waiting(5, 'f'), run: undefined } as unknown as Candidate,
      waiting(6, 'g'),
    ];
    expect(ids(othersOf(waiting(0, 'a'), all, NOON))).toEqual(['t3', 't4', 't6']);
    const { behind } = combine(reads('1'), all, { d: reads('2'), g: reads('3') });
    expect(behind.map(({ run }) => run)).toEqual(['d', 'g']);
  });

  it('never puts what is less urgent behind what is more, nor anybody behind who goes alone', () => {
    const all = [waiting(1, 'b', { priority: 'urgent' }), waiting(2, 'c'), waiting(3, 'd', { priority: 'bulk' })];
    const behind = (fields: Partial<Candidate>) => ids(othersOf(waiting(0, 'a', fields), all, NOON));
    expect(behind({ priority: 'urgent' })).toEqual(['t1']);
    expect(behind({ priority: 'normal' })).toEqual(['t1', 't2']);
    expect(behind({ priority: 'bulk' })).toEqual(['t1', 't2', 't3']);
    expect(behind({ priority: 'bulk', alone: true })).toEqual([]);
  });

  it('has no more commands than one request may have, and serves no more tasks than a row can name', () => {
    const many = Array.from({ length: 15 }, (_, n) => String(n));
    const all = [waiting(0, 'a'), waiting(1, 'b'), waiting(2, 'c')];
    const { commands, behind } = combine(reads(...many), all, { b: reads(...many), c: reads('1', '2', '3', '4', '5') });
    expect(commands).toHaveLength(20);
    expect(behind).toEqual([{ run: 'c', firstIndex: 15 }]);
    const crowd = Array.from({ length: 60 }, (_, n) => waiting(n + 1, n < 30 ? 'b' : 'c'));
    expect(combine(reads('1'), crowd, { b: reads('2'), c: reads('3') }).candidates).toHaveLength(MOST_SERVED);
    const long = reads('x'.repeat(300_000));
    expect(combine(long, all, { b: long, c: reads('1') }).behind.map(({ run }) => run)).toEqual(['c']);
    const requests = Array.from({ length: 12 }, (_, n) => waiting(n + 1, `r${n}`));
    expect(othersOf(waiting(0, 'a'), requests, NOON)).toHaveLength(7);
  });
});

describe('what a look at the action says of one request', () => {
  const attempt = anAttempt({ commands: reads('1', '2', '3', '4'), run: 'a', behind: [{ run: 'b', firstIndex: 2 }] });
  const first = { collectionId: 'c0', taskId: 't0' };
  const behind = { collectionId: 'c1', taskId: 't1', firstIndex: 2 };
  type State = 'completed' | 'failed' | 'notRun' | 'running' | 'waiting';
  const seen = (...states: State[]) => states.map((state, index) => ({ index, state, errors: [] }));
  const failure = failureOf('CommandFailed');
  const ended = (...states: State[]): Observation => ({ kind: 'ended', commands: seen(...states), failure });
  const partOf = (observation: Observation, served: typeof first) => ownPart(observation, attempt, served, 2);

  const open = (...states: State[]): Observation => ({ kind: 'open', begun: true, commands: seen(...states) });

  it('is that of its own commands, by their own places', () => {
    const look = open('completed', 'running', 'waiting', 'waiting');
    expect(partOf(look, first)).toEqual(open('completed', 'running'));
    expect(partOf(look, behind)).toEqual(open('waiting', 'waiting'));
  });

  it('is over when its own have completed, although the action goes on for others', () => {
    const look = open('completed', 'completed', 'running', 'waiting');
    expect(partOf(look, first)).toEqual({ kind: 'ended', commands: seen('completed', 'completed'), goesOn: true });
    expect(partOf(look, behind)).toEqual(open('running', 'waiting'));
  });

  it('is success where its own have completed, whatever became of the others', () => {
    const over = ended('completed', 'completed', 'failed', 'notRun');
    expect(partOf(over, first)).toEqual({ kind: 'ended', commands: seen('completed', 'completed') });
    expect(partOf(over, behind)).toEqual({ kind: 'ended', commands: seen('failed', 'notRun'), failure });
  });

  it('is that it was not reached where another failed before it', () => {
    const over = ended('completed', 'failed', 'notRun', 'notRun');
    expect(partOf(over, first)).toEqual({ kind: 'ended', commands: seen('completed', 'failed'), failure });
    expect(partOf(over, behind)).toEqual({ kind: 'notBegun', why: 'notReached', failure });
  });

  it('is how the action ended where nothing failed before it', () => {
    expect(partOf(ended('completed', 'completed', 'notRun', 'notRun'), behind)).toMatchObject({
      kind: 'ended',
      failure,
    });
    expect(partOf(ended('notRun', 'notRun', 'notRun', 'notRun'), first)).toMatchObject({ kind: 'ended', failure });
  });

  it('is all that there is to say of an action that serves one request alone, or has not begun', () => {
    const { behind: _, ...alone } = attempt;
    const over = ended('failed', 'notRun', 'notRun', 'notRun');
    expect(ownPart(over, alone, first, 4)).toBe(over);
    const asleep: Observation = { kind: 'notBegun', why: 'asleep', failure };
    expect(partOf(asleep, behind)).toBe(asleep);
  });

  it('never lets a command that began be asked for again as one that was not reached', () => {
    const state = fc.constantFrom<State>('completed', 'failed', 'notRun');
    fc.assert(
      fc.property(fc.array(state, { minLength: 4, maxLength: 4 }), fc.boolean(), (states, isFirst) => {
        const part = partOf(ended(...states), isFirst ? first : behind);
        const own = isFirst ? states.slice(0, 2) : states.slice(2);
        if (part.kind === 'notBegun') expect(own).toEqual(['notRun', 'notRun']);
        else expect(part).toMatchObject({ commands: own.map((one, index) => ({ index, state: one })) });
      }),
    );
  });
});
