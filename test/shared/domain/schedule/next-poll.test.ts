import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, CancelReason } from '../../../../shared/domain/attempt.ts';
import { type Lessons, NO_LESSONS } from '../../../../shared/domain/schedule/lessons.ts';
import { nextPollAt } from '../../../../shared/domain/schedule/next-poll.ts';
import { anAttempt, anIntent, attemptId, NOON } from '../samples.ts';

const seconds = (n: number): number => n * 1_000;
const SETTINGS = { pollMinMs: seconds(5), probationMs: seconds(240), callsPerHour: 1500 };
const NOBODY = { tasks: 0, urgent: 0 };
const samples = (from: number, to: number) =>
  Array.from({ length: 60 }, (_, i) => seconds(from) + Math.round((seconds(to - from) * (i + 0.5)) / 60));
const KNOWN: Lessons = {
  starts: samples(20, 120),
  runs: samples(60, 360),
  lags: samples(5, 40),
  cancels: samples(9, 11),
};

/** How long until the next look, in seconds. */
function wait(attempts: Attempt[], lessons = KNOWN, demand = NOBODY, settings = SETTINGS): number | undefined {
  const at = nextPollAt(attempts, lessons, demand, settings, NOON);
  return at === undefined ? undefined : (at - NOON) / 1000;
}

const replied = (agoS: number, fields: Partial<Attempt> = {}) =>
  anAttempt({ repliedAt: NOON - seconds(agoS), ...fields });
const cancelled = (reason: CancelReason, agoS: number, tries = 1) => ({
  cancel: { reason, requestedAt: NOON - seconds(agoS), tries, nextAt: NOON },
});

describe('the next look at the open actions', () => {
  it('does not come while nothing is open', () => {
    expect(wait([])).toBeUndefined();
    expect(wait([anAttempt({ state: 'archiving' }), anAttempt({ state: 'closed' })])).toBeUndefined();
  });

  it('comes soon while nothing is known of how long actions take', () => {
    expect(wait([anAttempt()], NO_LESSONS)).toBe(5);
    expect(wait([replied(300, { begunAt: NOON - seconds(200) })], NO_LESSONS)).toBe(5);
    expect(wait(Array(10).fill(anAttempt()), NO_LESSONS)).toBe(10);
    expect([25, 40].map((open) => wait(Array(open).fill(anAttempt()), NO_LESSONS))).toEqual([25, 25]);
  });

  it('comes when results are likely due: rarely after the begin, soon once the last command has ended', () => {
    const begun = wait([replied(60, { begunAt: NOON })]) ?? 0;
    const late = wait([replied(300, { begunAt: NOON - seconds(200) })]) ?? 0;
    const done = wait([replied(300, { begunAt: NOON - seconds(200), doneAt: NOON })]) ?? 0;
    expect(begun).toBe(30);
    expect(late).toBeGreaterThan(done);
    expect(done).toBeGreaterThan(5);
    expect(done).toBeLessThan(20);
  });

  it('comes the sooner, the more actions may end', () => {
    const running = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        replied(300, { attemptId: attemptId(n), begunAt: NOON - seconds(100 + (n % 7) * 30) }),
      );
    const waits = [1, 5, 25, 100].map((count) => wait(running(count)) ?? 0);
    expect(waits).toEqual([...waits].sort((a, b) => b - a));
    expect(waits.at(-1)).toBeLessThan(waits[0] ?? 0);
    // 25 sessions of four minutes
    expect(waits[2]).toBeGreaterThan(8);
    expect(waits[2]).toBeLessThan(16);
  });

  it('comes now and then for an action that takes longer than any before', () => {
    expect(wait([replied(900, { begunAt: NOON - seconds(800) })])).toBe(5);
    expect(wait([replied(900, { begunAt: NOON - seconds(800), doneAt: NOON - seconds(60) })])).toBe(5);
  });

  it('comes rarely while only sleepers are open, but for one whose slot others wait for', () => {
    expect(wait([replied(1000)])).toBe(30);
    expect(wait([replied(1000)], KNOWN, { tasks: 1, urgent: 0 })).toBe(5);
  });

  it('comes exactly when a probation is over for whose slot others wait', () => {
    const probation = 117 + (117 - 21) / 60;
    const in12s = replied(probation - 12);
    expect(wait([in12s], KNOWN, { tasks: 1, urgent: 0 })).toBeCloseTo(12, -1);
    expect(wait([in12s], KNOWN, NOBODY)).toBe(30);
  });

  it('comes at once for a probation that is over, however little is known, and not for its sake while nobody waits', () => {
    const over = (agoS: number) => Array(10).fill(replied(agoS));
    const waiting = { tasks: 1, urgent: 0 };
    expect([239, 240, 300].map((ago) => wait(over(ago), NO_LESSONS, waiting))).toEqual([10, 5, 5]);
    expect([239, 240, 300].map((ago) => wait(over(ago), NO_LESSONS, NOBODY))).toEqual([10, 30, 30]);
  });

  it('comes exactly when a cancel should have taken effect, and soon while it has not', () => {
    expect(wait([replied(1000, cancelled('probation', 2))])).toBeCloseTo(8, 0);
    expect(wait([replied(1000, cancelled('requested', 12))])).toBe(5);
    expect(wait([replied(1000, cancelled('requested', 0, 0))])).toBe(5);
    expect(wait([replied(1000, cancelled('yielded', 3))], NO_LESSONS)).toBe(7);
  });

  it('comes as for what is not known once a cancel should have taken effect, and has not', () => {
    const ten = (agoS: number) => Array(10).fill(replied(1000, cancelled('requested', agoS)));
    expect([4, 10, 12].map((ago) => wait(ten(ago), NO_LESSONS))).toEqual([6, 10, 10]);
  });

  it('comes at once when an urgent task waits for the slot of one in bulk', () => {
    const bulk = replied(30, { priority: 'bulk' });
    expect(wait([bulk], KNOWN, { tasks: 1, urgent: 1 })).toBe(5);
    expect(wait([{ ...bulk, priority: 'normal' }], KNOWN, { tasks: 1, urgent: 1 })).toBe(30);
    expect(wait([bulk], KNOWN, { tasks: 1, urgent: 0 })).toBe(30);
  });

  it('looks for the action of a lost reply, though not before its sender has given up', () => {
    expect(wait([anIntent({ intentAt: NOON - seconds(30) })])).toBe(20);
    expect(wait([anIntent({ intentAt: NOON - seconds(90), repliedAt: NOON - seconds(60) })])).toBe(5);
  });

  it('looks soon for the action of a reply that left open whether there is one: its sender is not at work any more', () => {
    expect(wait([anIntent({ intentAt: NOON - seconds(10), repliedAt: NOON - seconds(5) })])).toBe(5);
  });

  it('never comes before the shortest time between two, nor eats more than three quarters of the hourly budget', () => {
    const open = fc.record({
      agoS: fc.integer({ min: 0, max: 4000 }),
      begun: fc.boolean(),
      intent: fc.boolean(),
      cancel: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(open, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.boolean(),
        (all, callsPerHour, pollMinMs, known) => {
          const attempts = all.map(({ agoS, begun, intent, cancel }) => ({
            ...(intent ? anIntent({ intentAt: NOON - seconds(agoS) }) : replied(agoS)),
            ...(begun ? { begunAt: NOON - seconds(agoS) } : {}),
            ...(cancel ? cancelled('requested', agoS) : {}),
          }));
          const settings = { ...SETTINGS, callsPerHour, pollMinMs };
          const ms = (wait(attempts, known ? KNOWN : NO_LESSONS, { tasks: 3, urgent: 1 }, settings) ?? 0) * 1000;
          expect(ms).toBeGreaterThanOrEqual(pollMinMs - 1);
          expect(3_600_000 / ms).toBeLessThanOrEqual(callsPerHour * 0.75 + 1e-6);
          const affordable = Math.ceil(3_600_000 / (callsPerHour * 0.75));
          expect(ms).toBeLessThanOrEqual(Math.max(30_000, pollMinMs, affordable) + 1);
        },
      ),
    );
  });
});
