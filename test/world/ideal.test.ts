import { describe, expect, it } from 'vitest';
import { drawFleet } from './fleet.ts';
import { idealSchedule, lowerBoundS, slotTimeOf } from './ideal.ts';

describe('the ideal schedule', () => {
  it.each([
    { count: 200, ratio: 1.145 },
    { count: 1000, ratio: 1.038 },
    { count: 10_000, ratio: 1.003 },
  ])('is $ratio times the lower bound for $count devices, as bench.md says', ({ count, ratio }) => {
    const ratios = Array.from({ length: 20 }, (_, seed) => {
      const slotTimes = drawFleet(count, seed + 1).map(slotTimeOf);
      return idealSchedule(slotTimes).makespanS / lowerBoundS(slotTimes);
    }).sort((a, b) => a - b);
    expect(ratios[10]).toBeCloseTo(ratio, 3);
  });

  it('keeps to ten submits in every minute', () => {
    const { evidenceAtS } = idealSchedule(new Array(30).fill(30));
    expect(evidenceAtS[9]).toBe(30);
    expect(evidenceAtS[10]).toBe(90);
    expect(evidenceAtS[29]).toBe(150);
  });

  it('keeps to the sessions there are', () => {
    expect(idealSchedule([60, 60, 60], { submitsPerMinute: 10, sessions: 1 }).evidenceAtS).toEqual([60, 120, 180]);
  });
});
