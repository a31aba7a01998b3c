import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_LESSONS } from '../../../../shared/domain/schedule/lessons.ts';
import { probationOf } from '../../../../shared/domain/schedule/probation.ts';
import { anAttempt, attemptId } from '../samples.ts';

const seconds = (n: number): number => n * 1_000;
const CEILING = seconds(240);
const from = (starts: number[], n = 1) =>
  probationOf(anAttempt({ attemptId: attemptId(n) }), { ...NO_LESSONS, starts }, CEILING);
const evenly = (count: number) =>
  Array.from({ length: count }, (_, i) => seconds(20) + (seconds(100) * (i + 1)) / count);

describe('a probation', () => {
  it('is as long as the setting says until enough devices were seen to begin', () => {
    expect(from(evenly(9))).toBe(CEILING);
    expect(from(evenly(10))).toBeLessThan(CEILING);
  });

  it('ends when nearly all awake devices have begun, much later while few were seen: those are the fastest', () => {
    expect(from(evenly(100))).toBeGreaterThan(seconds(115));
    expect(from(evenly(100))).toBeLessThan(seconds(121));
    expect(from(evenly(10))).toBeGreaterThan(seconds(180));
    expect(from(evenly(20))).toBeGreaterThan(seconds(130));
  });

  it('is not stretched by the few that woke in the midst of it', () => {
    expect(from([...evenly(97), ...Array(3).fill(seconds(230))])).toBeLessThan(seconds(123));
  });

  it('is never longer than the setting, nor shorter than half a minute unless the setting is', () => {
    const starts = fc.array(fc.integer({ min: 0, max: seconds(900) }), { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: seconds(600) }), fc.nat(5000), (some, ceilingMs, n) => {
        const ms = probationOf(anAttempt({ attemptId: attemptId(n) }), { ...NO_LESSONS, starts: some }, ceilingMs);
        expect(ms).toBeLessThanOrEqual(ceilingMs);
        expect(ms).toBeGreaterThanOrEqual(Math.min(ceilingMs, seconds(30)));
      }),
    );
  });

  it('is the whole setting for a few, so that devices slower than any seen are found', () => {
    const whole = Array.from({ length: 3200 }, (_, n) => from(evenly(100), n)).filter((ms) => ms === CEILING).length;
    expect(whole).toBeGreaterThan(30);
    expect(whole).toBeLessThan(200);
  });
});
