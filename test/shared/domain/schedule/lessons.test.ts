import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../../shared/domain/attempt.ts';
import {
  lessonsOf,
  NO_LESSONS,
  quantile,
  usualSlotMs,
  withLessons,
} from '../../../../shared/domain/schedule/lessons.ts';
import { anAttempt, NOON } from '../samples.ts';

const seconds = (n: number): number => n * 1_000;
const learned = (before: Partial<Attempt>, after: Partial<Attempt>) =>
  lessonsOf(anAttempt(before), anAttempt({ ...before, ...after }), seconds(240)).map(({ of, ms }) => [of, ms]);

describe('a look at an action teaches', () => {
  it('how long the device took to begin, when it shows the begin', () => {
    expect(learned({}, { begunAt: NOON + seconds(40) })).toEqual([['starts', 40_000]]);
    expect(learned({ begunAt: NOON + seconds(40) }, {})).toEqual([]);
  });

  it('nothing about awake devices when the device slept: it took longer than any probation, or was known to sleep', () => {
    expect(learned({}, { begunAt: NOON + seconds(240) })).toHaveLength(1);
    expect(learned({}, { begunAt: NOON + seconds(241) })).toEqual([]);
    expect(learned({ probe: true }, { begunAt: NOON + seconds(40) })).toEqual([]);
  });

  it('nothing about the begin where nobody knows when the submit was answered', () => {
    const { repliedAt: _, ...adopted } = anAttempt();
    const after = { ...adopted, begunAt: NOON + seconds(40) };
    expect(lessonsOf(adopted, after, seconds(240))).toEqual([]);
  });

  it('how long the run took, and how long the final state lags behind it, each once', () => {
    const begun = { begunAt: NOON };
    expect(learned(begun, { doneAt: NOON + 90_000 })).toEqual([['runs', 90_000]]);
    const done = { ...begun, doneAt: NOON + 90_000 };
    expect(learned(done, { finalAt: NOON + 99_000 })).toEqual([['lags', 9_000]]);
    expect(learned({ ...done, finalAt: NOON + 99_000 }, {})).toEqual([]);
    expect(learned({}, { begunAt: NOON + 1_000, doneAt: NOON + 3_000, finalAt: NOON + 6_000 })).toEqual([
      ['starts', 1_000],
      ['runs', 2_000],
      ['lags', 3_000],
    ]);
  });

  it('that a run was over at once, and nothing from instants in the wrong order', () => {
    expect(learned({ begunAt: NOON }, { doneAt: NOON })).toEqual([['runs', 0]]);
    expect(learned({ begunAt: NOON }, { doneAt: NOON - 1 })).toEqual([]);
    expect(learned({}, { begunAt: NOON - 1 })).toEqual([]);
    expect(learned({ begunAt: NOON, doneAt: NOON }, { finalAt: NOON - 1 })).toEqual([]);
  });

  it('how long a cancel takes, when nothing had begun', () => {
    const cancel = { reason: 'probation' as const, requestedAt: NOON, tries: 1, nextAt: NOON };
    expect(learned({ cancel }, { finalAt: NOON + 10_000 })).toEqual([['cancels', 10_000]]);
    expect(learned({ cancel, begunAt: NOON }, { finalAt: NOON + 10_000 })).toEqual([]);
  });
});

describe('what was learned', () => {
  it('is kept of the latest hundred of each kind', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 150, size: 'max' }), (all) => {
        const lessons = all.reduce((known, ms) => withLessons(known, [{ of: 'runs', ms }]), NO_LESSONS);
        expect(lessons).toEqual({ ...NO_LESSONS, runs: all.slice(-100) });
      }),
    );
  });

  it('tells nothing from fewer than ten', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    expect(quantile(many(9), 0.5)).toBeUndefined();
    expect(quantile(many(10), 0.5)).toBe(5);
    expect(quantile(many(20), 0.95)).toBe(19);
    expect(quantile(many(20).reverse(), 1)).toBe(20);
    expect(quantile(many(20), 0)).toBe(1);
  });

  it('tells how long an action holds its session on average, once every stage was seen often enough', () => {
    const lessons = {
      starts: Array(10).fill(60_000),
      runs: [...Array(9).fill(100_000), 200_000],
      lags: Array(10).fill(5_000),
    };
    expect(usualSlotMs({ ...NO_LESSONS, ...lessons })).toBe(175_000);
    expect(usualSlotMs({ ...NO_LESSONS, ...lessons, lags: Array(9).fill(5_000) })).toBeUndefined();
  });
});
