import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WaitingReason } from '../../../shared/domain/failures/waiting-reasons.ts';
import { retryAfterSeconds } from '../../../shared/domain/retry-after.ts';
import { TASK_STATES, type Task, type TaskState } from '../../../shared/domain/task.ts';
import { aCollection, aTask, NOON } from './samples.ts';

const parked = (reason: WaitingReason): Task => aTask({ state: 'parked', waiting: { since: NOON, reason } });
const sleeper = parked('MachineAsleep');
const secondsFor = (tasks: Task[], ageMs = 0): number => retryAfterSeconds(aCollection(tasks), tasks, NOON + ageMs);

describe('when to ask again', () => {
  it('is soon at first, then rarer, up to a minute', () => {
    const queued = [aTask()];
    expect([0, 60_000, 300_000, 600_000, 86_000_000].map((age) => secondsFor(queued, age))).toEqual([
      5, 11, 35, 60, 60,
    ]);
  });

  it('is soon while only results are being stored', () => {
    expect(secondsFor([aTask({ state: 'archiving' }), aTask({ state: 'failed' })], 900_000)).toBe(5);
  });

  it('is five minutes while nothing but sleeping devices is open', () => {
    expect(secondsFor([sleeper, sleeper, aTask({ state: 'archived' })], 900_000)).toBe(300);
  });

  it('counts as sleeping no task that has ended or runs, whatever it had waited for', () => {
    expect(secondsFor([sleeper, aTask({ state: 'archived' }), aTask({ state: 'running' })], 900_000)).toBe(60);
    const { waiting: _, ...runs } = aTask({ state: 'running' });
    expect(secondsFor([sleeper, runs], 900_000)).toBe(60);
    expect(secondsFor([], 900_000)).toBe(5);
  });

  it('is at most a minute while anything else is open, or may be', () => {
    for (const other of [aTask(), aTask({ state: 'running' }), parked('MachineBusy'), parked('DefenderUnavailable')])
      expect(secondsFor([sleeper, other], 900_000)).toBe(60);
    const expanding = aCollection([sleeper], { expanded: false });
    expect(retryAfterSeconds(expanding, [sleeper], NOON + 900_000)).toBe(60);
  });

  it('is at most a minute while the tasks at hand are not all that are open', () => {
    const collection = aCollection([sleeper, parked('MachineBusy')]);
    expect(retryAfterSeconds(collection, [], NOON + 900_000)).toBe(60);
    expect(retryAfterSeconds(collection, [sleeper], NOON + 900_000)).toBe(60);
  });

  it('is not before its first task may start, up to a minute, while none of it is under way', () => {
    const seconds = (tasks: Task[], startsInMs: number): number =>
      retryAfterSeconds(aCollection(tasks), tasks, NOON, NOON + startsInMs);
    expect([-1, 0, 4_000, 20_001, 60_000, 3_600_000].map((ms) => seconds([aTask()], ms))).toEqual([
      5, 5, 5, 21, 60, 60,
    ]);
    expect(seconds([aTask(), parked('MachineBusy')], 40_000)).toBe(40);
    expect(seconds([aTask(), aTask({ state: 'pending' })], 40_000)).toBe(5);
  });

  it('is always a whole number from 5 to 60, or 300, also on a clock that runs behind', () => {
    const states = fc.array(fc.constantFrom<TaskState>(...TASK_STATES), { maxLength: 5 });
    fc.assert(
      fc.property(states, fc.integer({ min: -600_000, max: 1e10 }), (all, age) => {
        const seconds = secondsFor(
          all.map((state) => aTask({ state })),
          age,
        );
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds >= 5 && seconds <= 60).toBe(true);
      }),
    );
  });
});
