import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import type { Capacity } from '../../../shared/domain/capacity.ts';
import { type Candidate, planDispatch } from '../../../shared/domain/dispatch-plan.ts';
import { anAttempt, anIntent, attemptId, machineId, NOON } from './samples.ts';

const room = (permits: number, slots = permits): Capacity => ({ permits, slots, slotsInUse: 0, slotLimit: slots });
const LANE = { urgent: '1', normal: '2', bulk: '3' };

function waiting(n: number, fields: Partial<Candidate> = {}): Candidate {
  const taskId = `t${String(n).padStart(3, '0')}`;
  return {
    key: `0|r|2|0|c1|${taskId}`,
    lane: LANE.normal,
    acceptedAt: NOON,
    collectionId: 'c1',
    taskId,
    retryAt: 0,
    machineId: machineId(n),
    asleep: false,
    ...fields,
  };
}

const plan = (candidates: Candidate[], capacity = room(99), attempts: Attempt[] = [], now = NOON): string[] =>
  planDispatch(candidates, attempts, capacity, now).map((c) => c.taskId);

describe('the dispatch plan', () => {
  it('starts no more than there are permits, and no more than there are slots', () => {
    const all = Array.from({ length: 30 }, (_, n) => waiting(n));
    expect(plan(all, room(10, 25))).toHaveLength(10);
    expect(plan(all, room(10, 3))).toHaveLength(3);
    expect(plan(all, room(0, 25))).toEqual([]);
  });

  it('takes the urgent lane first, then the normal, then bulk', () => {
    const all = [
      waiting(1, { lane: LANE.bulk }),
      waiting(2, { lane: LANE.normal }),
      waiting(3, { lane: LANE.urgent, acceptedAt: NOON + 1 }),
    ];
    expect(plan(all)).toEqual(['t003', 't002', 't001']);
  });

  it('takes within a lane what was accepted first, and within a collection the order of the request', () => {
    const all = [waiting(4), waiting(2), waiting(1, { acceptedAt: NOON + 1 })];
    expect(plan(all)).toEqual(['t002', 't004', 't001']);
  });

  it('never opens a second action on one device', () => {
    const twice = [waiting(1), waiting(2, { machineId: machineId(1) }), waiting(3)];
    expect(plan(twice)).toEqual(['t001', 't003']);
    expect(plan(twice, room(9), [anAttempt({ machineId: machineId(1) })])).toEqual(['t003']);
    expect(plan(twice, room(9), [anIntent({ machineId: machineId(1) })])).toEqual(['t003']);
  });

  it('starts on a device whose action is over, though its results are still being stored', () => {
    const over = [anAttempt({ machineId: machineId(1), state: 'archiving' })];
    expect(plan([waiting(1)], room(9), over)).toEqual(['t001']);
  });

  it('gives sleepers only what awake devices leave', () => {
    const all = [waiting(1, { asleep: true, retryAt: NOON, lane: LANE.urgent }), waiting(2), waiting(3)];
    expect(plan(all, room(2))).toEqual(['t002', 't003']);
    expect(plan(all, room(3))).toEqual(['t002', 't003', 't001']);
  });

  it('gives one sleeper, the longest overdue, its try even while others wait', () => {
    const overdue = (n: number, ms: number) => waiting(n, { asleep: true, retryAt: NOON - ms });
    const all = [overdue(1, 600_000), overdue(2, 700_000), waiting(3), waiting(4)];
    expect(plan(all, room(2))).toEqual(['t002', 't003']);
    expect(plan([overdue(1, 599_999), waiting(3)], room(1))).toEqual(['t003']);
    expect(plan([overdue(1, 600_000), waiting(3)], room(1))).toEqual(['t001']);
  });

  it('holds to its limits and wastes no room, whatever waits and whatever is open', () => {
    const candidate = fc
      .record({
        machine: fc.integer({ min: 0, max: 15 }),
        lane: fc.constantFrom('1', '2', '3'),
        acceptedAt: fc.integer({ min: NOON - 5, max: NOON }),
        asleep: fc.boolean(),
        overdueMs: fc.integer({ min: 0, max: 1_200_000 }),
      })
      .map(({ machine, overdueMs, ...fields }) => ({
        machineId: machineId(machine),
        retryAt: NOON - overdueMs,
        ...fields,
      }));
    const open = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(candidate, { maxLength: 40 }),
        open,
        fc.nat(20),
        fc.nat(20),
        (fields, openOn, permits, slots) => {
          const candidates = fields.map((f, n) => waiting(n, f));
          const attempts = openOn.map((n, i) => anAttempt({ attemptId: attemptId(i), machineId: machineId(n) }));
          const chosen = planDispatch(candidates, attempts, room(permits, slots), NOON);
          const machines = chosen.map((c) => c.machineId);
          const busy = new Set(attempts.map((a) => a.machineId));
          const free = new Set(candidates.map((c) => c.machineId).filter((id) => !busy.has(id)));
          expect(new Set(machines).size).toBe(machines.length);
          expect(machines.every((id) => free.has(id))).toBe(true);
          expect(chosen).toHaveLength(Math.min(permits, slots, free.size));
        },
      ),
    );
  });

  it('does not depend on the order in which the agenda was read', () => {
    const candidates = Array.from({ length: 12 }, (_, n) =>
      waiting(n, { lane: ['1', '2', '3'][n % 3] ?? '2', asleep: n % 4 === 0, retryAt: NOON - n }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(candidates, { minLength: 12, maxLength: 12 }), (shuffled) => {
        expect(plan(shuffled, room(7))).toEqual(plan(candidates, room(7)));
      }),
    );
  });
});
