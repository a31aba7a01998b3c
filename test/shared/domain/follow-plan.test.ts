import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, AttemptCancel, CancelReason } from '../../../shared/domain/attempt.ts';
import {
  absenceProven,
  cancelDue,
  planFollow,
  planProbationCancels,
  planYields,
  withCancelAsked,
} from '../../../shared/domain/follow-plan.ts';
import { anAttempt, anIntent, attemptId, getFile, NOON, runScript } from './samples.ts';

const seconds = (n: number): number => n * 1_000;
const minutes = (n: number): number => n * 60_000;
const PROBATION = minutes(4);

const ids = (attempts: readonly Attempt[]): string[] => attempts.map((a) => a.attemptId);
const cancelFor = (reason: CancelReason, nextAt = NOON): AttemptCancel => ({
  reason,
  requestedAt: NOON - minutes(1),
  tries: 1,
  nextAt,
});

describe('what a poll looks at', () => {
  it('is every open action, in one list', () => {
    const open = [1, 2, 3].map((n) => anAttempt({ attemptId: attemptId(n) }));
    const over = [anAttempt({ state: 'archiving' }), anAttempt({ state: 'closed' }), anIntent()];
    expect(ids(planFollow([...open, ...over], NOON).list)).toEqual(ids(open));
  });

  it('one by one only those that the list has not shown for a minute, and not at every poll', () => {
    const single = (fields: Partial<Attempt>) => planFollow([anAttempt(fields)], NOON).single.length;
    expect(single({ shownAt: NOON - seconds(59) })).toBe(0);
    expect(single({ shownAt: NOON - seconds(60) })).toBe(1);
    expect(single({ repliedAt: NOON - seconds(59) })).toBe(0);
    expect(single({ shownAt: NOON - minutes(9), soughtAt: NOON - seconds(29) })).toBe(0);
    expect(single({ shownAt: NOON - minutes(9), soughtAt: NOON - seconds(30) })).toBe(1);
  });

  it('looks for the action of a lost reply once its sender has given up, and not at every poll', () => {
    const adopt = (fields: Partial<Attempt>) => planFollow([anIntent(fields)], NOON).adopt.length;
    expect(adopt({ intentAt: NOON - seconds(49) })).toBe(0);
    expect(adopt({ intentAt: NOON - seconds(50) })).toBe(1);
    expect(adopt({ intentAt: NOON - seconds(5), repliedAt: NOON })).toBe(1);
    expect(adopt({ intentAt: NOON - seconds(80), soughtAt: NOON - seconds(9) })).toBe(0);
    expect(adopt({ intentAt: NOON - seconds(80), soughtAt: NOON - seconds(10) })).toBe(1);
    expect(planFollow([anAttempt()], NOON).adopt).toEqual([]);
  });

  it('never believes within a minute of the intent that there is no action', () => {
    expect(absenceProven(anIntent({ intentAt: NOON - seconds(60) }), NOON)).toBe(false);
    expect(absenceProven(anIntent({ intentAt: NOON - seconds(89) }), NOON)).toBe(false);
    expect(absenceProven(anIntent({ intentAt: NOON - seconds(90) }), NOON)).toBe(true);
    expect(absenceProven(anIntent({ intentAt: NOON - seconds(80), erredAt: NOON - seconds(59) }), NOON)).toBe(false);
    expect(absenceProven(anIntent({ intentAt: NOON - seconds(61), erredAt: NOON - seconds(60) }), NOON)).toBe(true);
  });
});

describe('the end of a probation', () => {
  const pending = (n: number, ms: number) => anAttempt({ attemptId: attemptId(n), repliedAt: NOON - ms });
  const cancelled = (attempts: Attempt[], wanted: number) =>
    ids(planProbationCancels(attempts, wanted, () => PROBATION, NOON));

  it('comes only while others wait for the slot', () => {
    expect(cancelled([pending(1, minutes(60))], 0)).toEqual([]);
    expect(cancelled([pending(1, minutes(60))], 1)).toEqual([attemptId(1)]);
  });

  it('comes after its time, not before', () => {
    expect(cancelled([pending(1, PROBATION - 1)], 1)).toEqual([]);
    expect(cancelled([pending(1, PROBATION)], 1)).toEqual([attemptId(1)]);
  });

  it('comes to the oldest first, and to no more than there are tasks to take the place', () => {
    const attempts = [pending(1, minutes(5)), pending(2, minutes(7)), pending(3, minutes(6))];
    expect(cancelled(attempts, 2)).toEqual([attemptId(2), attemptId(3)]);
  });

  it('counts slots that are coming free already', () => {
    const leaving = anAttempt({ attemptId: attemptId(9), cancel: cancelFor('probation') });
    expect(cancelled([leaving, pending(1, minutes(5)), pending(2, minutes(6))], 2)).toEqual([attemptId(2)]);
  });

  it('does not count a sleeper that woke before its cancel took effect: it keeps its slot', () => {
    const woke = anAttempt({ attemptId: attemptId(9), cancel: cancelFor('probation'), begunAt: NOON });
    expect(cancelled([woke, pending(1, minutes(5))], 1)).toEqual([attemptId(1)]);
  });

  it('never comes to an action that has begun, is being cancelled, or is not open', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: minutes(60) }), (wanted, ms) => {
        const others = [
          anAttempt({ repliedAt: NOON - ms, begunAt: NOON - ms }),
          anAttempt({ repliedAt: NOON - ms, cancel: cancelFor('requested') }),
          anAttempt({ repliedAt: NOON - ms, state: 'archiving' }),
          anIntent({ intentAt: NOON - ms }),
        ];
        expect(cancelled(others, wanted)).toEqual([]);
      }),
    );
  });
});

describe('a slot for an urgent task', () => {
  const pending = (n: number, ms: number, fields: Partial<Attempt> = {}) =>
    anAttempt({ attemptId: attemptId(n), repliedAt: NOON - ms, priority: 'bulk', ...fields });

  it('comes from the youngest in bulk that has not begun', () => {
    const attempts = [pending(1, 9_000), pending(2, 3_000), pending(3, 6_000), pending(4, 1_000, { begunAt: NOON })];
    expect(ids(planYields(attempts, 2))).toEqual([attemptId(2), attemptId(3)]);
    expect(planYields(attempts, 0)).toEqual([]);
  });

  it('comes from no other lane', () => {
    expect(planYields([pending(1, 9, { priority: 'normal' }), pending(2, 9, { priority: 'urgent' })], 2)).toEqual([]);
  });

  it('counts slots that are coming free already', () => {
    expect(planYields([pending(1, 9, { cancel: cancelFor('yielded') }), pending(2, 9)], 1)).toEqual([]);
  });
});

describe('a cancel', () => {
  it('is due when it was asked for, and again while its effect does not show', () => {
    expect(cancelDue(anAttempt({ cancel: cancelFor('requested', NOON) }), NOON)).toBe('requested');
    expect(cancelDue(anAttempt({ cancel: cancelFor('requested', NOON + 1) }), NOON)).toBeUndefined();
  });

  it('is asked for again also of an action that runs', () => {
    const running = anAttempt({ begunAt: NOON, cancel: cancelFor('requested') });
    expect(cancelDue(running, NOON)).toBe('requested');
  });

  it('is for open actions alone', () => {
    for (const state of ['submitting', 'archiving', 'closed'] as const)
      expect(cancelDue(anAttempt({ state, cancel: cancelFor('requested') }), NOON)).toBeUndefined();
  });

  it('comes to a begun action that has taken all the time its commands may take, and a margin', () => {
    const begun = anAttempt({ commands: [runScript(), getFile()], begunAt: NOON });
    expect(cancelDue(begun, NOON + minutes(10 + 30 + 30) - 1)).toBeUndefined();
    expect(cancelDue(begun, NOON + minutes(10 + 30 + 30))).toBe('stuck');
  });

  it('comes to one that nobody competes with only after longer than Defender queues', () => {
    const days = (n: number) => n * 86_400_000;
    expect(cancelDue(anAttempt(), NOON + days(4) - 1)).toBeUndefined();
    expect(cancelDue(anAttempt(), NOON + days(4))).toBe('stuck');
  });

  it.each(['probation', 'yielded'] as const)('for %s is dropped when the device has begun, and gives way', (reason) => {
    const woke = anAttempt({ cancel: cancelFor(reason), begunAt: NOON });
    expect(cancelDue(woke, NOON)).toBeUndefined();
    expect(cancelDue(woke, NOON + minutes(70))).toBe('stuck');
    expect(withCancelAsked(woke, 'stuck', NOON + minutes(70))).toMatchObject({
      reason: 'stuck',
      requestedAt: NOON + minutes(70),
      tries: 1,
    });
  });

  it('keeps its first reason and instant however often it is asked again', () => {
    const first = withCancelAsked(anAttempt(), 'requested', NOON);
    expect(first).toEqual({ reason: 'requested', requestedAt: NOON, tries: 1, nextAt: NOON + seconds(20) });
    const again = withCancelAsked(anAttempt({ cancel: first }), 'probation', NOON + seconds(20));
    expect(again).toEqual({ reason: 'requested', requestedAt: NOON, tries: 2, nextAt: NOON + seconds(60) });
    expect(withCancelAsked(anAttempt({ cancel: first }), 'stuck', NOON).reason).toBe('requested');
    const probation = withCancelAsked(anAttempt(), 'probation', NOON);
    const still = withCancelAsked(anAttempt({ cancel: probation }), 'probation', NOON + seconds(20));
    expect(still).toMatchObject({ reason: 'probation', requestedAt: NOON, tries: 2 });
  });

  it('that Defender does not honour is repeated ever more rarely, and leaves the budget of the hour to others', () => {
    let attempt = anAttempt();
    const waits = Array.from({ length: 6 }, () => {
      const cancel = withCancelAsked(attempt, 'requested', NOON);
      attempt = { ...attempt, cancel };
      return (cancel.nextAt - NOON) / 1000;
    });
    expect(waits).toEqual([20, 40, 80, 160, 160, 160]);
  });
});
