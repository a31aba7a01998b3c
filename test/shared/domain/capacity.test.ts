import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, SubmitGuard } from '../../../shared/domain/attempt.ts';
import { capacityOf, holdsPermit, isSpent } from '../../../shared/domain/capacity.ts';
import { anAttempt, anIntent, attemptId, LIMITS, NOON } from './samples.ts';

const OPEN_DOOR: SubmitGuard = { tenantId: 'default', refusals: 0 };
const MINUTE = 60_000;

const capacity = (attempts: Attempt[], guard: Partial<SubmitGuard> = {}, now = NOON) =>
  capacityOf(attempts, { ...OPEN_DOOR, ...guard }, LIMITS, now);
const many = (n: number, make: (n: number) => Attempt): Attempt[] => Array.from({ length: n }, (_, i) => make(i));

describe('permits', () => {
  it('are as many as Defender takes in a minute, while nothing was submitted', () => {
    expect(capacity([])).toEqual({ permits: 10, bulkPermits: 9, slots: 23, slotsInUse: 0, slotLimit: 23 });
  });

  it('are kept back from bulk by one, but not where there are few, nor where a single one finds out', () => {
    expect(capacity(many(9, () => anIntent()))).toMatchObject({ permits: 1, bulkPermits: 0 });
    const few = (submitsPerMinute: number) => capacityOf([], OPEN_DOOR, { ...LIMITS, submitsPerMinute }, NOON);
    expect([few(3).bulkPermits, few(4).bulkPermits]).toEqual([3, 3]);
    expect(capacity([], { refusals: 1, pauseReason: 'NoSlot' })).toMatchObject({ permits: 1, bulkPermits: 1 });
    expect(capacity([], { refusals: 1, pausedUntil: NOON + 1, pauseReason: 'NoSlot' }).bulkPermits).toBe(0);
  });

  it('are taken from the intent on, before anything is sent', () => {
    expect(capacity(many(4, () => anIntent())).permits).toBe(6);
  });

  it('return 60 s after the reply, not after the send', () => {
    const slow = anAttempt({ intentAt: NOON - 80_000, repliedAt: NOON - 59_999 });
    expect(holdsPermit(slow, NOON)).toBe(true);
    expect(holdsPermit(slow, NOON + 1)).toBe(false);
  });

  it('of a lost reply stay taken until it is known what became of it', () => {
    expect(holdsPermit(anIntent({ intentAt: NOON - 24 * 60 * MINUTE }), NOON)).toBe(true);
  });

  it('stay taken by an attempt that is over, until it has left the window', () => {
    const closed = anAttempt({ state: 'closed', repliedAt: NOON, closedAt: NOON });
    expect([holdsPermit(closed, NOON + 59_999), isSpent(closed, NOON + 59_999)]).toEqual([true, false]);
    expect([holdsPermit(closed, NOON + MINUTE), isSpent(closed, NOON + MINUTE)]).toEqual([false, true]);
  });

  it('do not make an attempt spent that is still open, however long ago its reply came', () => {
    expect(isSpent(anAttempt({ repliedAt: NOON - 60 * MINUTE }), NOON)).toBe(false);
  });

  it('of an attempt that was closed without ever being sent are free', () => {
    expect(holdsPermit(anIntent({ state: 'closed' }), NOON)).toBe(false);
  });

  it('say when the next one returns', () => {
    const attempts = many(10, (n) => anAttempt({ repliedAt: NOON + n * 1_000 }));
    expect(capacity(attempts, {}, NOON + 10_000)).toMatchObject({ permits: 0, nextPermitAt: NOON + MINUTE });
    const oneLeft = capacity(attempts.slice(1), {}, NOON + 10_000);
    expect(oneLeft).not.toHaveProperty('nextPermitAt');
    expect(oneLeft).toMatchObject({ permits: 1, permitReturnsAt: NOON + MINUTE + 1_000 });
    expect(capacity([], {}, NOON)).not.toHaveProperty('permitReturnsAt');
    expect(capacity(many(10, () => anIntent()))).not.toHaveProperty('nextPermitAt');
  });

  it('are never fewer than none, even when the limit was lowered', () => {
    expect(
      capacityOf(
        many(12, () => anIntent()),
        OPEN_DOOR,
        { ...LIMITS, submitsPerMinute: 5 },
        NOON,
      ).permits,
    ).toBe(0);
  });

  it('let Defender see no more submits than allowed in any sliding minute, however long calls are on their way', () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 0, max: 30_000 }),
      wanted: fc.integer({ min: 0, max: 12 }),
      outMs: fc.integer({ min: 0, max: 15_000 }),
      backMs: fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 200_000 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (steps, submitsPerMinute) => {
        const limits = { ...LIMITS, submitsPerMinute, sessions: 1_000 };
        const sent: { intentAt: number; arrivesAt: number; repliedAt: number }[] = [];
        let now = NOON;
        for (const { gapMs, wanted, outMs, backMs } of steps) {
          now += gapMs;
          const known = sent.map(({ intentAt, repliedAt }) =>
            repliedAt <= now ? anAttempt({ intentAt, repliedAt }) : anIntent({ intentAt }),
          );
          const { permits } = capacityOf(known, OPEN_DOOR, limits, now);
          for (let n = 0; n < Math.min(permits, wanted); n += 1) {
            const arrivesAt = now + Math.round((outMs * (n + 1)) / 12);
            sent.push({ intentAt: now, arrivesAt, repliedAt: arrivesAt + backMs });
          }
        }
        const arrivals = sent.map((s) => s.arrivesAt).sort((a, b) => a - b);
        for (const [i, at] of arrivals.entries())
          expect((arrivals[i + submitsPerMinute] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(MINUTE);
      }),
    );
  });

  it('all return: whatever was sent and answered, a minute later all is free', () => {
    const anyState = fc.constantFrom<Attempt['state']>('open', 'archiving', 'closed');
    fc.assert(
      fc.property(fc.array(fc.tuple(anyState, fc.integer({ min: 0, max: MINUTE })), { maxLength: 30 }), (all) => {
        const attempts = all.map(([state, ms], i) =>
          anAttempt({ attemptId: attemptId(i), state, repliedAt: NOON - MINUTE - ms }),
        );
        expect(capacity(attempts).permits).toBe(LIMITS.submitsPerMinute);
      }),
    );
  });
});

describe('slots', () => {
  it('leave the reserve to people in the portal', () => {
    expect(capacityOf([], OPEN_DOOR, { ...LIMITS, sessions: 25, sessionsReserved: 0 }, NOON).slotLimit).toBe(25);
    expect(capacityOf([], OPEN_DOOR, { ...LIMITS, sessions: 2, sessionsReserved: 2 }, NOON).slotLimit).toBe(1);
  });

  it('are held from the intent until the action is final; storing its results holds none', () => {
    const one = (state: Attempt['state']) => capacity([anAttempt({ state, repliedAt: NOON - MINUTE })]).slotsInUse;
    expect([one('submitting'), one('open'), one('archiving'), one('closed')]).toEqual([1, 1, 0, 0]);
  });

  it('are never fewer than none', () => {
    expect(capacity(many(30, () => anAttempt({ repliedAt: NOON - MINUTE })))).toMatchObject({
      slots: 0,
      slotsInUse: 30,
    });
  });

  it('are fewer for a while after Defender refused a session below our count, and never none for good', () => {
    const ceiling = (sessions: number) => ({ sessionCeiling: { sessions, until: NOON + 1 } });
    expect(capacity([], ceiling(5)).slotLimit).toBe(5);
    expect(capacity([], ceiling(5), NOON + 1).slotLimit).toBe(6);
    expect(capacity([], ceiling(5), NOON + 300_000).slotLimit).toBe(23);
    expect(capacity([], ceiling(0)).slotLimit).toBe(1);
  });

  it('are tried again after such a refusal by one, two, four and so on, each half a minute', () => {
    const guard = { sessionCeiling: { sessions: 5, until: NOON } };
    const limitAfter = (seconds: number) => capacity([], guard, NOON + seconds * 1_000).slotLimit;
    expect([0, 29, 30, 59, 60, 90, 120].map(limitAfter)).toEqual([6, 6, 7, 7, 9, 13, 21]);
  });

  it('are never more than configured, whatever a refusal taught', () => {
    const ceiling = (sessions: number) => ({ sessionCeiling: { sessions, until: NOON + 1 } });
    expect(capacity([], ceiling(99)).slotLimit).toBe(23);
  });
});

describe('a pause', () => {
  it('lets nothing be submitted before its end', () => {
    const guard: Partial<SubmitGuard> = { pausedUntil: NOON + 1, pauseReason: 'SubmitRate', refusals: 1 };
    expect(capacity([], guard)).toMatchObject({ permits: 0, pausedUntil: NOON + 1 });
    expect(capacity([], guard, NOON + 1).permits).toBe(10);
    expect(capacity([], guard, NOON + 1)).not.toHaveProperty('pausedUntil');
  });

  it.each(['NoSlot', 'DefenderUnavailable'] as const)(
    'for %s ends with a single submit that finds out',
    (pauseReason) => {
      expect(capacity([], { pausedUntil: NOON, pauseReason, refusals: 3 }).permits).toBe(1);
      expect(capacity([], { pauseReason, refusals: 0 }).permits).toBe(10);
    },
  );
});
