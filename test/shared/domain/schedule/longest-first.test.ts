import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkFrom } from '../../../../shared/domain/schedule/estimate.ts';
import { longestFirst, mayDiffer } from '../../../../shared/domain/schedule/longest-first.ts';
import type { RunTimes } from '../../../../shared/domain/schedule/run-times.ts';
import { minutes, seconds } from '../../../../shared/domain/time.ts';
import { NOON } from '../samples.ts';

const TIMES: RunTimes = {
  'short|': { ms: seconds(60), seen: 9 },
  'long|': { ms: minutes(10), seen: 9 },
  'guess|': { ms: minutes(60), seen: 1 },
};
const task = (kind: string, n: number, acceptedAt = NOON) => ({ kind, n, acceptedAt });
const lane = (...kinds: string[]) => kinds.map((kind, n) => task(kind, n));
const order = (tasks: { n: number }[]): number[] => tasks.map(({ n }) => n);

describe('the last tasks of a lane', () => {
  it('go longest first, those that take as long in the order of their turns', () => {
    const tasks = lane('short', 'long', 'short', 'long');
    expect(order(longestFirst(tasks, 2, TIMES))).toEqual([1, 3, 0, 2]);
  });

  it('are no more than the sessions take in two turns: a longer queue keeps its order', () => {
    const tasks = lane('short', 'long', 'short', 'long', 'short');
    expect(order(longestFirst(tasks, 2, TIMES))).toEqual([0, 1, 2, 3, 4]);
    expect(mayDiffer(tasks, 2)).toBe(false);
    expect(mayDiffer(tasks, 3)).toBe(true);
  });

  it('keep their order where they are of one kind, or nothing is known that tells them apart', () => {
    expect(mayDiffer(lane('long', 'long'), 5)).toBe(false);
    expect(order(longestFirst(lane('long', 'guess', 'other'), 5, TIMES))).toEqual([0, 1, 2]);
    expect(order(longestFirst(lane('short', 'long'), 5, {}))).toEqual([0, 1]);
    const platforms = [
      { ...task('long', 0), platform: 'Windows11' },
      { ...task('long', 1), platform: 'WindowsServer2022' },
    ];
    expect(mayDiffer(platforms, 5)).toBe(true);
  });

  it('go between the long and the short where nothing is known of them', () => {
    expect(order(longestFirst(lane('short', 'guess', 'long'), 5, TIMES))).toEqual([2, 1, 0]);
  });

  it('are not overtaken by what was accepted much later', () => {
    const later = NOON + minutes(10);
    const tasks = [task('short', 0), task('long', 1, later), task('long', 2), task('short', 3, later)];
    expect(order(longestFirst(tasks, 5, TIMES))).toEqual([2, 1, 0, 3]);
  });

  it('of one requester change places among themselves alone', () => {
    const of = (requester: string, n: number, kind: string) => ({ ...task(kind, n), requester });
    const tasks = [
      of('a', 0, 'short'),
      of('b', 1, 'short'),
      of('a', 2, 'long'),
      of('b', 3, 'short'),
      of('a', 4, 'long'),
    ];
    expect(order(longestFirst(tasks, 5, TIMES))).toEqual([2, 1, 4, 3, 0]);
  });

  it('are over sooner, or at the same time, on average much sooner', () => {
    const kinds = fc.array(fc.constantFrom('short', 'short', 'short', 'long'), { minLength: 6, maxLength: 8 });
    const endOf = (tasks: { kind: string }[]): number => {
      const walk = walkFrom({ from: 0, submitsPerMinute: 10, permitsAt: [], sessions: 4, sessionsAt: [] });
      return Math.max(
        ...tasks.map(({ kind }) => {
          const slotMs = TIMES[`${kind}|`]?.ms ?? 0;
          return walk.start(slotMs) + slotMs;
        }),
      );
    };
    let [before, after] = [0, 0];
    fc.assert(
      fc.property(kinds, (all) => {
        const tasks = lane(...all);
        const [turns, longest] = [endOf(tasks), endOf(longestFirst(tasks, 4, TIMES))];
        before += turns;
        after += longest;
        expect(longest).toBeLessThanOrEqual(turns);
      }),
    );
    expect(after / before).toBeLessThan(0.95);
  });
});
