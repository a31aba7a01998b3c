import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { Task } from '../../../shared/domain/task.ts';
import type { TaskEvent } from '../../../shared/domain/task-events.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { finishedAs } from './any-task-events.ts';
import { anArtifact, aTask, attemptId, NOON } from './samples.ts';

type EventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>;

export const FIRST = attemptId(1);
export const SECOND = attemptId(2);
export const LATER = NOON + 60_000;

/** One attempt, event by event. */
export const submitting: EventOf<'submitting'> = { type: 'submitting', at: LATER, attemptId: FIRST };
export const submitted: EventOf<'submitted'> = {
  type: 'submitted',
  at: LATER,
  attemptId: FIRST,
  machineActionId: 'action-1',
  adopted: false,
};
export const running: EventOf<'progressed'> = {
  type: 'progressed',
  at: LATER,
  attemptId: FIRST,
  begun: true,
  commands: [
    { index: 0, state: 'running', errors: [] },
    { index: 1, state: 'waiting', errors: [] },
  ],
};
export const bothCompleted = finishedAs(FIRST, ['completed', 'completed'], LATER);
export const stored = (index: number): EventOf<'stored'> => ({
  type: 'stored',
  at: LATER,
  index,
  artifact: anArtifact(index),
});
export const notStored = (index: number): EventOf<'notStored'> => ({
  type: 'notStored',
  at: LATER,
  index,
  error: 'ResultDamaged',
  failure: failureOf('ResultDamaged'),
});
export const setBack = (fields: Partial<EventOf<'setBack'>> = {}): EventOf<'setBack'> => ({
  type: 'setBack',
  at: LATER,
  attemptId: FIRST,
  to: 'queued',
  waiting: {},
  cause: 'refused',
  ...fields,
});
export const stopped: EventOf<'stopped'> = {
  type: 'stopped',
  at: LATER,
  state: 'cancelled',
  failure: failureOf('Cancelled'),
};

/** A fresh task after these events. */
export const taskAfter = (...events: TaskEvent[]): Task => events.reduce(transition, aTask());
