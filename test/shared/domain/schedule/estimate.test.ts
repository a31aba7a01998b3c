import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlookOf, type Room, walkFrom } from '../../../../shared/domain/schedule/estimate.ts';
import { minutes, seconds } from '../../../../shared/domain/time.ts';
import { idealSchedule } from '../../../world/ideal.ts';
import { NOON } from '../samples.ts';

const SLOT = minutes(4);
const room = (fields: Partial<Room> = {}): Room => ({
  from: NOON,
  submitsPerMinute: 10,
  permitsAt: [],
  sessions: 23,
  sessionsAt: [],
  ...fields,
});
/** Minutes from noon at which the first tasks of a queue start. */
const starts = (count: number, fields: Partial<Room> = {}): number[] => {
  const outlook = outlookOf(room(fields), SLOT);
  return Array.from({ length: count }, (_, i) => (outlook.startOf(i + 1) - NOON) / minutes(1));
};
const times = (n: number, at: number): number[] => Array(n).fill(at);

describe('the tasks of a queue', () => {
  it('start at once as far as submits go, and so many again a minute later', () => {
    expect(starts(12)).toEqual([...times(10, 0), ...times(2, 1)]);
  });

  it('start when sessions come free, once all are taken', () => {
    expect(starts(26)).toEqual([...times(10, 0), ...times(10, 1), ...times(3, 2), ...times(3, 4)]);
  });

  it('start as permits return that are held', () => {
    const permitsAt = [3, 1, 2].map((n) => NOON + seconds(20 * n));
    expect(starts(4, { submitsPerMinute: 3, permitsAt })).toEqual([1 / 3, 2 / 3, 1, 4 / 3]);
  });

  it('start as sessions come free that are in use', () => {
    expect(starts(3, { sessions: 2, sessionsAt: [NOON + minutes(5), NOON + minutes(1)] })).toEqual([1, 5, 5]);
  });

  it('start late where more sessions are in use than Holdfast may use now', () => {
    const sessionsAt = [1, 2, 3].map((n) => NOON + minutes(n));
    expect(starts(2, { sessions: 1, sessionsAt })).toEqual([3, 7]);
  });

  it('start after a pause, whatever would be free before', () => {
    expect(starts(1, { from: NOON + minutes(9), sessionsAt: [NOON + minutes(1)], permitsAt: [NOON] })).toEqual([9]);
  });

  it('do not start before they can, and let none behind them pass', () => {
    const walk = walkFrom(room());
    expect(walk.start(SLOT, NOON + minutes(7))).toBe(NOON + minutes(7));
    expect(walk.start(SLOT, NOON)).toBe(NOON + minutes(7));
  });

  it('are as many as nobody has, and allowed as many, at no cost', () => {
    const most = 999_999_999;
    expect(starts(10_000, { submitsPerMinute: most, sessions: most }).at(-1)).toBe(0);
  });
});

const anyRoom = fc.record({
  from: fc.constant(NOON),
  submitsPerMinute: fc.integer({ min: 1, max: 12 }),
  permitsAt: fc.array(fc.integer({ min: NOON - 1000, max: NOON + minutes(1) }), { maxLength: 15 }),
  sessions: fc.integer({ min: 1, max: 12 }),
  sessionsAt: fc.array(fc.integer({ min: NOON - 1000, max: NOON + minutes(30) }), { maxLength: 15 }),
});
const anySlots = fc.array(fc.integer({ min: 1, max: minutes(9) }), { minLength: 1, maxLength: 80 });

describe('a walk through the schedule', () => {
  it('never goes back, nor behind the present', () => {
    fc.assert(
      fc.property(anyRoom, anySlots, (given, slots) => {
        const walk = walkFrom(given);
        const at = slots.map((slot) => walk.start(slot));
        expect(at).toEqual([...at].sort((a, b) => a - b));
        expect(Math.min(...at)).toBeGreaterThanOrEqual(NOON);
      }),
    );
  });

  it('keeps within submits a minute and sessions, those under way included', () => {
    fc.assert(
      fc.property(anyRoom, anySlots, (given, slots) => {
        const walk = walkFrom(given);
        const runs = slots.map((slot) => {
          const from = walk.start(slot);
          return { from, to: from + slot };
        });
        for (const { from: at } of runs) {
          const submits = runs.filter((r) => r.from > at - minutes(1) && r.from <= at).length;
          const held = given.permitsAt.filter((p) => p > at).length;
          expect(submits + held).toBeLessThanOrEqual(given.submitsPerMinute);
          const running = runs.filter((r) => r.from <= at && r.to > at).length;
          const before = given.sessionsAt.filter((s) => s > at).length;
          expect(running + before).toBeLessThanOrEqual(given.sessions);
        }
      }),
    );
  });

  it('wastes nothing: it is the schedule of whoever notices everything at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        anySlots,
        (submits, sessions, ms) => {
          const walk = walkFrom(room({ from: 0, submitsPerMinute: submits, sessions }));
          const inSeconds = ms.map((slot) => slot / 1000);
          const ideal = idealSchedule(inSeconds, { submitsPerMinute: submits, sessions });
          const ends = inSeconds.map((s) => (walk.start(s * 1000) + s * 1000) / 1000);
          ideal.evidenceAtS.forEach((at, i) => {
            expect(ends[i]).toBeCloseTo(at, 3);
          });
        },
      ),
    );
  });
});
