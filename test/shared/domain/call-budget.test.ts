import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallsMade, callsLeft, NO_CALLS, pausedCalls, takeCall } from '../../../shared/domain/call-budget.ts';
import { NOON } from './samples.ts';

const LIMITS = { callsPerMinute: 100, callsPerHour: 1500 };
const MINUTE = 60_000;
const HOUR = 3_600_000;
/** How long a call may be on its way to Defender, by our margin. */
const ON_ITS_WAY = 5_000;

function taken(n: number, at: number, from: CallsMade = NO_CALLS, limits = LIMITS): CallsMade {
  let made = from;
  for (let i = 0; i < n; i += 1) {
    const one = takeCall(made, limits, at);
    if (!one.ok) throw new Error(`call ${i} was refused`);
    made = one.made;
  }
  return made;
}

/** The most arrivals in any window of this length that is open at its beginning. */
function mostIn(windowMs: number, arrivals: readonly number[]): number {
  const sorted = [...arrivals].sort((a, b) => a - b);
  return sorted.reduce((most, at, i) => {
    const within = sorted.slice(i).filter((other) => other - at < windowMs).length;
    return Math.max(most, within);
  }, 0);
}

describe('the call budget', () => {
  it('gives as many calls as Defender allows in a minute, and then says how long to wait', () => {
    const made = taken(100, NOON);
    expect(callsLeft(made, LIMITS, NOON)).toEqual({ minute: 0, hour: 1400 });
    const refused = takeCall(made, LIMITS, NOON);
    expect(refused).toMatchObject({ ok: false });
    const waitMs = refused.ok ? 0 : refused.waitMs;
    expect(waitMs).toBeGreaterThanOrEqual(MINUTE);
    expect(waitMs).toBeLessThanOrEqual(MINUTE + 1_000 + ON_ITS_WAY);
    expect(takeCall(made, LIMITS, NOON + waitMs - 1).ok).toBe(false);
    expect(takeCall(made, LIMITS, NOON + waitMs).ok).toBe(true);
  });

  it('gives as many calls as Defender allows in an hour, and then says how long to wait', () => {
    const limits = { callsPerMinute: 1_000, callsPerHour: 50 };
    const made = taken(50, NOON, NO_CALLS, limits);
    const refused = takeCall(made, limits, NOON + 30 * MINUTE);
    const waitMs = refused.ok ? 0 : refused.waitMs;
    expect(waitMs).toBeGreaterThanOrEqual(30 * MINUTE);
    expect(waitMs).toBeLessThanOrEqual(31 * MINUTE + ON_ITS_WAY);
    expect(takeCall(made, limits, NOON + 30 * MINUTE + waitMs).ok).toBe(true);
  });

  it('never gives more than the limits in any sliding minute or hour, however calls are spread and delayed', () => {
    const step = fc.record({
      gapMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 20 * MINUTE })),
      wanted: fc.integer({ min: 1, max: 6 }),
      onItsWayMs: fc.integer({ min: 0, max: ON_ITS_WAY }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const limits = { callsPerMinute: 5, callsPerHour: 12 };
        const arrivals: number[] = [];
        let made = NO_CALLS;
        let now = NOON;
        for (const { gapMs, wanted, onItsWayMs } of steps) {
          now += gapMs;
          for (let i = 0; i < wanted; i += 1) {
            const one = takeCall(made, limits, now);
            if (!one.ok) break;
            made = one.made;
            arrivals.push(now + onItsWayMs);
          }
        }
        expect(mostIn(MINUTE, arrivals)).toBeLessThanOrEqual(5);
        expect(mostIn(HOUR, arrivals)).toBeLessThanOrEqual(12);
      }),
    );
  });

  it('always has a call for whoever waits as long as it says, however often that takes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 }), (gaps) => {
        const limits = { callsPerMinute: 3, callsPerHour: 20 };
        let made = NO_CALLS;
        let now = NOON;
        for (const gap of gaps) {
          now += gap;
          const one = takeCall(made, limits, now);
          if (one.ok) {
            made = one.made;
            continue;
          }
          expect(one.waitMs).toBeGreaterThan(0);
          expect(one.waitMs).toBeLessThanOrEqual(HOUR + MINUTE + ON_ITS_WAY);
          now += one.waitMs;
        }
      }),
    );
  });

  it('does not grow: buckets that no longer count are dropped, those of one second are one', () => {
    let made = NO_CALLS;
    for (let i = 0; i < 1_000; i += 1) {
      const one = takeCall(made, LIMITS, NOON + i * 3_000);
      if (one.ok) made = one.made;
    }
    expect(made.seconds.length).toBeLessThanOrEqual(66);
    expect(made.minutes.length).toBeLessThanOrEqual(62);
    expect(taken(7, NOON + 999, taken(3, NOON)).seconds).toEqual([[NOON, 10]]);
  });

  it('counts a call until it has left the window for sure: from the end of its bucket, and as late as it may arrive', () => {
    const [lastOfSecond, lastOfMinute] = [NOON + 999, NOON + MINUTE - 1];
    const minuteFull = taken(100, lastOfSecond);
    expect(takeCall(minuteFull, LIMITS, lastOfSecond + ON_ITS_WAY + MINUTE).ok).toBe(false);
    expect(takeCall(minuteFull, LIMITS, lastOfSecond + ON_ITS_WAY + MINUTE + 1).ok).toBe(true);
    const limits = { callsPerMinute: 1_000, callsPerHour: 50 };
    const hourFull = taken(50, lastOfMinute, NO_CALLS, limits);
    expect(takeCall(hourFull, limits, lastOfMinute + ON_ITS_WAY + HOUR).ok).toBe(false);
    expect(takeCall(hourFull, limits, lastOfMinute + ON_ITS_WAY + HOUR + 1).ok).toBe(true);
  });

  it('shows nothing left rather than less than nothing when limits were lowered', () => {
    expect(callsLeft(taken(50, NOON), { callsPerMinute: 10, callsPerHour: 20 }, NOON)).toEqual({ minute: 0, hour: 0 });
  });
});

describe('an endpoint that refused a call for its rate', () => {
  it('is called by nobody before the time that Defender named', () => {
    const made = pausedCalls(taken(1, NOON), NOON, 30_000);
    expect(takeCall(made, LIMITS, NOON + 20_000)).toEqual({ ok: false, waitMs: 10_000 });
    expect(takeCall(made, LIMITS, NOON + 30_000).ok).toBe(true);
  });

  it('is left alone for a while even without a word from Defender', () => {
    expect(takeCall(pausedCalls(NO_CALLS, NOON), LIMITS, NOON + 1).ok).toBe(false);
  });

  it('keeps the longer of two pauses', () => {
    const made = pausedCalls(pausedCalls(NO_CALLS, NOON, 30_000), NOON, 1_000);
    expect(takeCall(made, LIMITS, NOON + 29_999).ok).toBe(false);
  });

  it('still counts the calls that were made', () => {
    expect(callsLeft(pausedCalls(taken(5, NOON), NOON, 1_000), LIMITS, NOON).minute).toBe(95);
  });
});
