import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt, SubmitGuard } from '../../../../shared/domain/attempt.ts';
import { capacityOf } from '../../../../shared/domain/capacity.ts';
import { outlookOf } from '../../../../shared/domain/schedule/estimate.ts';
import { roomNow } from '../../../../shared/domain/schedule/room-now.ts';
import { minutes, seconds } from '../../../../shared/domain/time.ts';
import { anAttempt, anIntent, LIMITS, NOON } from '../samples.ts';

const TYPICAL = { slotMs: minutes(4), probationMs: minutes(3) };
const OPEN_DOOR: SubmitGuard = { tenantId: 'default', refusals: 0 };
const room = (attempts: Attempt[], guard: Partial<SubmitGuard> = {}) =>
  roomNow(attempts, { ...OPEN_DOOR, ...guard }, LIMITS, TYPICAL, NOON);
/** When the session of an attempt may come free, in seconds from noon. */
const freeAfter = (fields: Partial<Attempt>): number =>
  ((room([anAttempt(fields)]).sessionsAt[0] ?? 0) - NOON) / seconds(1);
const cancel = { reason: 'probation' as const, requestedAt: NOON, tries: 1, nextAt: NOON };

describe('the room there is', () => {
  it('is all that is configured while nothing is under way', () => {
    expect(room([])).toEqual({ from: NOON, submitsPerMinute: 10, permitsAt: [], sessions: 23, sessionsAt: [] });
  });

  it('begins at the end of a pause', () => {
    expect(room([], { pausedUntil: NOON + 1, refusals: 1 }).from).toBe(NOON + 1);
    expect(room([], { pausedUntil: NOON - 1, refusals: 1 }).from).toBe(NOON);
  });

  it('has as many sessions as a refusal has taught', () => {
    expect(room([], { sessionCeiling: { sessions: 7, until: NOON + 1 } }).sessions).toBe(7);
  });

  it('knows when each permit returns: a minute after the answer, from now where it is still to come', () => {
    const attempts = [anAttempt({ repliedAt: NOON - 20_000 }), anIntent({ intentAt: NOON - 5_000 })];
    expect(room(attempts).permitsAt).toEqual([NOON + 40_000, NOON + 60_000]);
  });

  it('counts no session of an action whose results are being stored, nor a permit that has returned', () => {
    const attempts = [anAttempt({ state: 'archiving', repliedAt: NOON - 61_000 })];
    expect(room(attempts)).toMatchObject({ permitsAt: [], sessionsAt: [] });
  });
});

describe('a session in use', () => {
  it('comes free when the typical time is over', () => {
    expect(freeAfter({ repliedAt: NOON - seconds(100), begunAt: NOON - seconds(50) })).toBe(140);
  });

  it('takes some time yet where it has outlasted the typical one', () => {
    expect(freeAfter({ repliedAt: NOON - minutes(9), begunAt: NOON - minutes(8) })).toBe(60);
    expect(freeAfter({ repliedAt: NOON - minutes(4), begunAt: NOON - minutes(3) })).toBe(60);
  });

  it('of a device that shows no sign of life is soon left to whoever waits', () => {
    expect(freeAfter({ repliedAt: NOON - minutes(3) + 1 })).toBeGreaterThan(59);
    expect(freeAfter({ repliedAt: NOON - minutes(3) })).toBe(20);
  });

  it('is soon free while its action is being cancelled, unless the action has begun', () => {
    expect(freeAfter({ cancel })).toBe(20);
    expect(freeAfter({ cancel, begunAt: NOON })).toBe(240);
  });
});

const anyAttempt = fc
  .record({
    state: fc.constantFrom<Attempt['state']>('open', 'archiving', 'closed'),
    repliedAt: fc.integer({ min: NOON - minutes(12), max: NOON }),
    begun: fc.boolean(),
    cancelled: fc.boolean(),
  })
  .map(({ state, repliedAt, begun, cancelled }) =>
    anAttempt({ state, repliedAt, ...(begun ? { begunAt: repliedAt } : {}), ...(cancelled ? { cancel } : {}) }),
  );

describe('what is told of a start', () => {
  it('is never in the past and never earlier for a later place, and agrees with what may be submitted now', () => {
    fc.assert(
      fc.property(
        fc.array(anyAttempt, { maxLength: 60 }),
        fc.option(fc.integer({ min: -9, max: 9 })),
        (attempts, pause) => {
          const guard = pause === null ? {} : { pausedUntil: NOON + minutes(pause), refusals: 0 };
          const capacity = capacityOf(attempts, { ...OPEN_DOOR, ...guard }, LIMITS, NOON);
          const { startOf } = outlookOf(room(attempts, guard), TYPICAL.slotMs);
          const starts = Array.from({ length: 50 }, (_, i) => startOf(i + 1));
          expect(starts).toEqual([...starts].sort((a, b) => a - b));
          expect(starts[0]).toBeGreaterThanOrEqual(NOON);
          expect(starts.filter((at) => at === NOON)).toHaveLength(Math.min(capacity.permits, capacity.slots));
        },
      ),
    );
  });
});
