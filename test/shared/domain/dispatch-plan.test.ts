import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import type { Capacity } from '../../../shared/domain/capacity.ts';
import { type Candidate, demandOf, planDispatch, planHolds } from '../../../shared/domain/dispatch-plan.ts';
import { PRIORITIES } from '../../../shared/domain/request/collection-request.ts';
import { anAttempt, anIntent, attemptId, machineId, NOON } from './samples.ts';

const room = (permits: number, slots = permits): Capacity => ({
  permits,
  bulkPermits: permits,
  slots,
  slotsInUse: 0,
  slotLimit: slots,
});

function waiting(n: number, fields: Partial<Candidate> = {}): Candidate {
  const taskId = `t${String(n).padStart(3, '0')}`;
  return {
    key: `0|r|2|0|c1|${taskId}`,
    priority: 'normal',
    turn: fields.acceptedAt ?? NOON,
    acceptedAt: NOON,
    collectionId: 'c1',
    taskId,
    retryAt: 0,
    machineId: machineId(n),
    asleep: false,
    since: NOON,
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
      waiting(1, { priority: 'bulk' }),
      waiting(2, { priority: 'normal' }),
      waiting(3, { priority: 'urgent', acceptedAt: NOON + 1 }),
    ];
    expect(plan(all)).toEqual(['t003', 't002', 't001']);
  });

  it('takes within a lane what was accepted first, and within a collection the order of the request', () => {
    const all = [waiting(4), waiting(2), waiting(1, { acceptedAt: NOON + 1 })];
    expect(plan(all)).toEqual(['t002', 't004', 't001']);
  });

  it('takes within a lane the earlier turn, whoever was accepted first; of two, the one that was', () => {
    const hunt = [waiting(1, { turn: NOON }), waiting(2, { turn: NOON + 60 })];
    const other = [
      waiting(3, { turn: NOON, acceptedAt: NOON + 30 }),
      waiting(4, { turn: NOON + 59, acceptedAt: NOON + 30 }),
    ];
    expect(plan([...hunt, ...other])).toEqual(['t001', 't003', 't004', 't002']);
  });

  it('lets bulk not wait for good behind a lane so busy that its turns fall behind the clock', () => {
    const hours = (n: number) => n * 3_600_000;
    const busy = [waiting(3, { turn: NOON - hours(20), acceptedAt: NOON })];
    const bulk = (ms: number) => waiting(1, { priority: 'bulk', acceptedAt: NOON - ms });
    expect(plan([bulk(hours(4) + 1), ...busy], room(1))).toEqual(['t001']);
    expect(plan([bulk(hours(4) - 1), ...busy], room(1))).toEqual(['t003']);
  });

  it('lets a hunt in bulk go before normal tasks only as far as its turns have come', () => {
    const hours = (n: number) => n * 3_600_000;
    const hunt = (turn: number, n: number) => waiting(n, { priority: 'bulk', acceptedAt: NOON - hours(9), turn });
    expect(plan([hunt(NOON - hours(5), 1), hunt(NOON - hours(3), 2), waiting(3)])).toEqual(['t001', 't003', 't002']);
    expect(plan([hunt(NOON - hours(3), 1), waiting(3, { turn: NOON + hours(9) })])).toEqual(['t003', 't001']);
  });

  it('lets bulk not pass normal tasks that are as old only because a newcomer stands before them', () => {
    const hours = (n: number) => n * 3_600_000;
    const newcomer = waiting(1, { turn: NOON - hours(9), acceptedAt: NOON });
    const older = waiting(2, { turn: NOON - hours(8), acceptedAt: NOON - hours(10) });
    const bulk = waiting(3, { priority: 'bulk', acceptedAt: NOON - hours(5) });
    expect(plan([bulk, older, newcomer])).toEqual(['t001', 't002', 't003']);
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
    const all = [waiting(1, { asleep: true, retryAt: NOON, priority: 'urgent' }), waiting(2), waiting(3)];
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

  it('gives sleepers that are long overdue no more than a twelfth of the slots while others wait', () => {
    const overdue = Array.from({ length: 9 }, (_, n) => waiting(n, { asleep: true, retryAt: NOON - 900_000 }));
    const awake = Array.from({ length: 30 }, (_, n) => waiting(100 + n));
    const sleepersIn = (attempts: Attempt[]) =>
      planDispatch([...overdue, ...awake], attempts, { ...room(10), slotLimit: 25 }, NOON).filter((c) => c.asleep);
    const probe = anAttempt({ attemptId: attemptId(9), machineId: machineId(200), probe: true });
    expect(sleepersIn([])).toHaveLength(2);
    expect(sleepersIn([probe])).toHaveLength(1);
    expect(sleepersIn([{ ...probe, begunAt: NOON }])).toHaveLength(2);
  });

  it('lets bulk not wait for good: what has waited for hours goes before newer tasks, but never before urgent ones', () => {
    const hours = (n: number) => n * 3_600_000;
    const bulk = (ms: number) => waiting(1, { priority: 'bulk', acceptedAt: NOON - ms });
    const urgent = waiting(2, { priority: 'urgent' });
    expect(plan([bulk(hours(4) - 1), waiting(3)], room(1))).toEqual(['t003']);
    expect(plan([bulk(hours(4) + 1), waiting(3)], room(1))).toEqual(['t001']);
    expect(plan([bulk(hours(24 * 30)), urgent], room(1))).toEqual(['t002']);
  });

  it('gives the only slot to sleepers that are long overdue now and then, not always', () => {
    const overdue = waiting(1, { asleep: true, retryAt: NOON - 3_600_000 });
    const minutes = Array.from({ length: 24 }, (_, n) => NOON + n * 60_000);
    const first = minutes.map((now) => plan([overdue, waiting(2)], room(1), [], now)[0]);
    expect(first.filter((id) => id === 't001')).toHaveLength(2);
  });

  it('leaves one submit to urgent tasks, which bulk does not take', () => {
    const bulk = Array.from({ length: 5 }, (_, n) => waiting(n, { priority: 'bulk' }));
    const kept = { ...room(3, 25), bulkPermits: 2 };
    expect(plan(bulk, kept)).toHaveLength(2);
    expect(plan([...bulk, waiting(9, { priority: 'urgent' })], kept)).toEqual(['t009', 't000']);
    expect(plan([...bulk, waiting(8), waiting(9)], { ...kept, permits: 2, bulkPermits: 1 })).toEqual(['t008', 't009']);
  });

  it('holds to its limits and wastes no room, whatever waits and whatever is open', () => {
    const candidate = fc
      .record({
        machine: fc.integer({ min: 0, max: 15 }),
        priority: fc.constantFrom('urgent' as const, 'normal' as const, 'bulk' as const),
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
      waiting(n, { priority: PRIORITIES[n % 3] ?? 'normal', asleep: n % 4 === 0, retryAt: NOON - n }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(candidates, { minLength: 12, maxLength: 12 }), (shuffled) => {
        expect(plan(shuffled, room(7))).toEqual(plan(candidates, room(7)));
      }),
    );
  });
});

describe('a slot that nobody needs', () => {
  const resting = (n: number, inMs: number, agoMs = 10_000) =>
    waiting(n, { asleep: true, rests: true, retryAt: NOON + inMs, since: NOON - agoMs });
  const holds = (chosen: Candidate[], rest: Candidate[], capacity = room(9), attempts: Attempt[] = []) =>
    planHolds(chosen, rest, attempts, capacity, NOON).map((c) => c.taskId);

  it('holds a resting sleeper, the one whose rest is over first, after all whose turn has come', () => {
    expect(holds([waiting(1)], [resting(2, 90), resting(3, 10)])).toEqual(['t001', 't003', 't002']);
    expect(holds([waiting(1)], [resting(2, 90), resting(3, 10)], room(2))).toEqual(['t001', 't003']);
    expect(holds([waiting(1)], [resting(2, 90)], room(1))).toEqual(['t001']);
  });

  it('holds none that has just given way: whoever took its slot may need another', () => {
    expect(holds([], [resting(2, 90, 9_999), resting(3, 99, 10_000)])).toEqual(['t003']);
  });

  it('holds none twice, and none whose device has an action', () => {
    const open = [anAttempt({ machineId: machineId(3) })];
    expect(holds([waiting(2)], [resting(2, 90), resting(3, 10)], room(9), open)).toEqual(['t002']);
  });

  it('is not for tasks that wait for something else: a busy device, a session that did not come up', () => {
    expect(holds([], [waiting(1, { retryAt: NOON + 9 }), waiting(2, { asleep: true, retryAt: NOON + 9 })])).toEqual([]);
  });

  it('leaves the last submit of the minute to urgent tasks', () => {
    expect(holds([], [resting(1, 9), resting(2, 9)], { ...room(2), bulkPermits: 1 })).toHaveLength(1);
  });
});

describe('the demand for slots', () => {
  const full = { ...room(5, 0), slotsInUse: 25, slotLimit: 25 };
  const demand = (due: Candidate[], attempts: Attempt[] = [], capacity: Capacity = full) =>
    demandOf(due, attempts, capacity, NOON);

  it('is one slot for each device that waits, however many tasks name it', () => {
    expect(demand([waiting(1), waiting(2), waiting(3, { machineId: machineId(2) })])).toEqual({ tasks: 2, urgent: 0 });
    expect(demand([waiting(1)], [anAttempt({ machineId: machineId(1) })]).tasks).toBe(0);
  });

  it('is none beyond what the submits of the next seconds can fill', () => {
    const many = Array.from({ length: 9 }, (_, n) => waiting(n));
    const replied = (agoMs: number) => anAttempt({ machineId: machineId(99), repliedAt: NOON - agoMs });
    expect(demand(many).tasks).toBe(5);
    expect(demand(many, [replied(45_000)]).tasks).toBe(6);
    expect(demand(many, [replied(44_999)]).tasks).toBe(5);
    expect(demand(many, [], { ...full, permits: 0, pausedUntil: NOON + 1 }).tasks).toBe(0);
  });

  it('is what free slots do not serve', () => {
    expect(demand([waiting(1), waiting(2)], [], { ...full, slots: 1 }).tasks).toBe(1);
    expect(demand([waiting(1)], [], { ...full, slots: 2 }).tasks).toBe(0);
  });

  it('is urgent for urgent tasks whose device is not known to sleep', () => {
    const urgent = waiting(1, { priority: 'urgent' });
    const sleeper = waiting(2, { priority: 'urgent', asleep: true });
    expect(demand([urgent, sleeper, waiting(3, { priority: 'bulk' })])).toEqual({ tasks: 3, urgent: 1 });
  });
});
