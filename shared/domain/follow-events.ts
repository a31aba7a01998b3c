import { mayRepeat, type Observation } from './action-outcome.ts';
import type { Attempt } from './attempt.ts';
import { MOST_REPEATS } from './backoff.ts';
import type { Failure } from './failures/failure-codes.ts';
import { asleep, sessionFailed } from './submit-outcome.ts';
import type { Task } from './task.ts';
import type { TaskEvent } from './task-events.ts';
import type { EpochMs } from './time.ts';

/**
 * What an observation of its action means for a task. A collection that is being stopped ends what falls back to
 * waiting, so a cancel that took effect is simply a task set back.
 *
 * @param chance in [0, 1), for the jitter of waits
 * @param begunAt when the device, which slept, has begun before
 */
export function eventsOfObservation(
  task: Task,
  attempt: Attempt,
  observation: Observation,
  now: EpochMs,
  chance: number,
  begunAt: readonly EpochMs[] = [],
): TaskEvent[] {
  return [...missedSubmit(task, attempt, now), ...seen(task, attempt, observation, now, chance, begunAt)];
}

/** A crash came between the attempt, which knows its action, and the task, which does not. */
function missedSubmit(task: Task, attempt: Attempt, at: EpochMs): TaskEvent[] {
  const { attemptId, machineActionId, computerDnsName } = attempt;
  if (task.state !== 'submitting' || task.attemptId !== attemptId || machineActionId === undefined) return [];
  const named = computerDnsName === undefined ? {} : { computerDnsName };
  return [{ type: 'submitted', at, attemptId, machineActionId, adopted: true, ...named }];
}

function seen(
  task: Task,
  attempt: Attempt,
  observation: Observation,
  now: EpochMs,
  chance: number,
  begunAt: readonly EpochMs[],
): TaskEvent[] {
  const { attemptId } = attempt;
  switch (observation.kind) {
    case 'open':
      return [{ type: 'progressed', at: now, attemptId, begun: observation.begun, commands: observation.commands }];
    case 'notBegun':
      return notBegun(task, attemptId, observation, now, chance, begunAt);
    case 'ended':
      if (mayRepeat(attempt, observation) && task.repeats < MOST_REPEATS)
        return [{ type: 'setBack', at: now, attemptId, ...backOff(task, now, chance), cause: 'repeat' }];
      return [
        {
          type: 'finished',
          at: now,
          attemptId,
          commands: observation.commands,
          ...(attempt.tasks.length > 1 ? { served: attempt.tasks.length } : {}),
          ...(observation.failure ? { failure: observation.failure } : {}),
          ...(observation.goesOn ? { goesOn: true as const } : {}),
        },
      ];
  }
}

function notBegun(
  task: Task,
  attemptId: string,
  observation: Extract<Observation, { kind: 'notBegun' }>,
  at: EpochMs,
  chance: number,
  begunAt: readonly EpochMs[],
): TaskEvent[] {
  switch (observation.why) {
    case 'asleep':
    case 'gaveWay': {
      const { to, waiting, cause } = asleep(task, at, chance, begunAt);
      return [{ type: 'setBack', at, attemptId, to, waiting, cause }];
    }
    case 'yielded':
      return [{ type: 'setBack', at, attemptId, to: 'queued', waiting: {}, cause: 'yielded' }];
    case 'notReached':
      return [{ type: 'setBack', at, attemptId, to: 'queued', waiting: {}, cause: 'notReached' }];
    case 'cancelled':
      return [{ type: 'setBack', at, attemptId, to: 'queued', waiting: {}, cause: 'refused' }];
    case 'cancelledByOther':
      return ends(attemptId, observation.failure, at);
    case 'neverCameUp':
      return observation.failure.retryable
        ? [{ type: 'setBack', at, attemptId, ...backOff(task, at, chance), cause: 'asleep' }]
        : ends(attemptId, observation.failure, at);
  }
}

function backOff(task: Task, now: EpochMs, chance: number): Pick<ReturnType<typeof sessionFailed>, 'to' | 'waiting'> {
  const { to, waiting } = sessionFailed(task, now, chance);
  return { to, waiting };
}

function ends(attemptId: string, failure: Failure, at: EpochMs): TaskEvent[] {
  return [
    { type: 'setBack', at, attemptId, to: 'queued', waiting: {}, cause: 'refused' },
    { type: 'stopped', at, state: 'failed', failure },
  ];
}
