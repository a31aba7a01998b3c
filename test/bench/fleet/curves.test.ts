import { describe, expect, it } from 'vitest';
import { evidenceCurve, slotCurve } from './curves.ts';

describe('a curve', () => {
  it('of evidence begins with nothing and ends with what there is at its last hour', () => {
    expect(evidenceCurve([7200, 1800, 360_000, Number.POSITIVE_INFINITY], 3)).toEqual([
      [0, 0],
      [0.5, 1],
      [2, 2],
      [3, 2],
    ]);
  });

  it('has few points, whatever the fleet', () => {
    const points = evidenceCurve(
      Array.from({ length: 10_000 }, (_, n) => n),
      3,
    );
    expect(points.length).toBeLessThan(160);
    expect(points.at(-1)).toEqual([3, 10_000]);
  });

  it('of sessions tells how many are held on average', () => {
    const points = slotCurve([{ fromS: 0, toS: 1800, ran: true, inVain: false }], 1);
    expect(points[0]).toEqual([0, 1]);
    expect(points.find(([hour]) => hour >= 0.5)?.[1]).toBe(0);
  });
});
