import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../infra/local/simulated-tenant/model/random.ts';
import { isForgotten, restUntil, withWaking, wokeAt } from '../../../../shared/domain/schedule/waking-hours.ts';
import { days, type EpochMs, hours, minutes, seconds } from '../../../../shared/domain/time.ts';
import { anAttempt } from '../samples.ts';

/** A Monday, 00:00 UTC. */
const MONDAY = Date.parse('2026-03-02T00:00:00Z');
/** The longest ordinary rest, and the shortest that its jitter makes of it. */
const LONGEST = minutes(86);
const SHORTEST = (LONGEST * 3) / 4;
const at = (day: number, hour: number): EpochMs => MONDAY + days(day) + hours(hour);

/** Up to four weeks of instants, then any moment of the week that follows. */
const history = fc.array(fc.integer({ min: 0, max: days(28) - 1 }), { maxLength: 20 }).map((some) => some.map(ago));
const ago = (ms: number): EpochMs => MONDAY + ms;
const moment = fc.integer({ min: days(28), max: days(35) }).map(ago);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const chances = fc.nat().map((seed) => mulberry32(seed));
/** How long a try in vain takes until its device is parked again. */
const TRY_MS = minutes(2);

/** When a device that never answers is tried, from its first try on. */
function triesOf(begunAt: readonly EpochMs[], from: EpochMs, until: EpochMs, next: () => number): EpochMs[] {
  const tries = [from];
  for (let last = from; ; ) {
    last = restUntil(last + TRY_MS, next(), begunAt);
    if (last >= until) return tries;
    tries.push(last);
  }
}

describe('the rest of a device that did not answer', () => {
  it('is the ordinary one while nothing is known of its hours', () => {
    expect(restUntil(MONDAY, 0, [])).toBe(MONDAY + LONGEST);
    expect(restUntil(MONDAY, 1, [])).toBe(MONDAY + SHORTEST);
  });

  it('ends a little after the time of day at which it came before', () => {
    expect(restUntil(at(1, 8), 0, [at(0, 9)])).toBe(at(1, 9) + minutes(5));
  });

  it('is spread evenly over the tries before that time', () => {
    const dueAt = at(1, 9) + minutes(5);
    expect(restUntil(dueAt - 3 * minutes(70), 0, [at(0, 9)])).toBe(dueAt - 2 * minutes(70));
    expect(restUntil(dueAt - minutes(130), 0, [at(0, 9)])).toBe(dueAt - minutes(65));
  });

  it('is ten minutes at least, however soon that time is', () => {
    expect(restUntil(at(1, 9), 0, [at(0, 9)])).toBe(at(1, 9) + minutes(10));
  });

  it('is the ordinary one while that time is far, and when the device has not come at that time', () => {
    expect(restUntil(at(1, 3), 0, [at(0, 9)])).toBe(at(1, 3) + LONGEST);
    expect(restUntil(at(1, 9) + minutes(8), 0, [at(0, 9)])).toBe(at(1, 9) + minutes(8) + LONGEST);
  });

  it('heeds the same weekday more than other workdays, and those more than a weekend', () => {
    const [tuesdayAtNine, sundayAtSeven] = [at(1, 9), at(6, 7)];
    const halfPastSix = (day: number) => at(day, 6.5);
    const seven = (day: number) => at(day, 7) + minutes(5);
    // 155 min ahead: one try half-way
    const towardsNine = (day: number) => halfPastSix(day) + minutes(155 / 2);
    // On a Tuesday the Sunday tells less than half as much as the Tuesday before, on a Wednesday half as much.
    expect(restUntil(halfPastSix(8), 0, [tuesdayAtNine, sundayAtSeven])).toBe(towardsNine(8));
    expect(restUntil(halfPastSix(9), 0, [tuesdayAtNine, sundayAtSeven])).toBe(seven(9));
    // On a Sunday the Tuesday tells less than half as much as the Sunday before, on a Saturday half as much.
    const [tuesdayAtSeven, sundayAtNine] = [at(1, 7), at(6, 9)];
    expect(restUntil(halfPastSix(13), 0, [tuesdayAtSeven, sundayAtNine])).toBe(towardsNine(13));
    expect(restUntil(halfPastSix(12), 0, [tuesdayAtSeven, sundayAtNine])).toBe(seven(12));
  });

  it('meets the time at which a device comes every day, from wherever its tries began', () => {
    const timeOfDay = fc.integer({ min: 0, max: days(1) - 1 });
    fc.assert(
      fc.property(timeOfDay, moment, chances, (time, from, next) => {
        const until = from + days(3);
        const tries = triesOf([MONDAY + time], from, until, next);
        const dues = [29, 30, 31].map((day) => MONDAY + days(day) + time + minutes(5));
        for (const due of dues.filter((d) => d > from + hours(6) && d + minutes(10) < until))
          expect(tries.some((t) => t >= due && t <= due + minutes(10))).toBe(true);
      }),
    );
  });

  it('is never longer than the ordinary one, nor less than ten minutes, whatever the device did before', () => {
    fc.assert(
      fc.property(history, moment, chance, (begunAt, now, some) => {
        const ms = restUntil(now, some, begunAt) - now;
        expect(ms).toBeLessThanOrEqual(LONGEST);
        expect(ms).toBeGreaterThanOrEqual(minutes(10));
      }),
    );
  });

  it('moves tries and adds none for a device that comes at one time of day', () => {
    const daily = fc.tuple(
      fc.integer({ min: 0, max: days(1) - 1 }),
      fc.array(fc.integer({ min: 0, max: minutes(30) }), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(daily, moment, chances, ([time, late], from, next) => {
        const begunAt = late.map((ms, day) => MONDAY + days(day) + time + ms);
        const inAWeek = (known: EpochMs[]) => triesOf(known, from, from + days(7), next).length;
        expect(inAWeek(begunAt)).toBeLessThanOrEqual(inAWeek([]) * 1.06);
      }),
    );
  });

  it('brings at most half as many tries again, however strange the hours of a device', () => {
    fc.assert(
      fc.property(history, moment, chances, (begunAt, from, next) => {
        const inAWeek = (known: EpochMs[]) => triesOf(known, from, from + days(7), next).length;
        expect(inAWeek(begunAt)).toBeLessThanOrEqual(inAWeek([]) * 1.5);
      }),
    );
  });
});

describe('what is remembered of a device', () => {
  const KEPT_MS = days(90);
  const open = (fields: object = {}) => anAttempt({ state: 'open', repliedAt: MONDAY, ...fields });
  const begun = (ms: number, fields: object = {}) =>
    wokeAt(open(fields), open({ begunAt: MONDAY + ms, ...fields }), seconds(240));

  it('is when it began, if it slept before: it was tried for that reason, or kept us waiting', () => {
    expect(begun(seconds(30))).toBeUndefined();
    expect(begun(seconds(30), { probe: true })).toBe(MONDAY + seconds(30));
    expect(begun(hours(3))).toBe(MONDAY + hours(3));
  });

  it('is told once, by the first look that shows it', () => {
    const known = open({ probe: true, begunAt: MONDAY + 1 });
    expect(wokeAt(known, known, seconds(240))).toBeUndefined();
    expect(wokeAt(open({ probe: true }), open({ probe: true }), seconds(240))).toBeUndefined();
  });

  it('is one instant of each stay, and the newest of many', () => {
    expect(withWaking([at(0, 9)], at(0, 9) + minutes(30), KEPT_MS)).toBeUndefined();
    expect(withWaking([at(0, 9)], at(0, 11), KEPT_MS)).toEqual([at(0, 9), at(0, 11)]);
    const month = Array.from({ length: 20 }, (_, day) => at(day, 9));
    expect(withWaking(month, at(20, 9), KEPT_MS)).toEqual([...month.slice(1), at(20, 9)]);
  });

  it('goes when it is older than it is kept', () => {
    expect(withWaking([at(0, 9)], at(91, 9), KEPT_MS)).toEqual([at(91, 9)]);
    expect(isForgotten([at(0, 9)], KEPT_MS, at(89, 9))).toBe(false);
    expect(isForgotten([at(0, 9)], KEPT_MS, at(90, 9))).toBe(true);
  });
});
