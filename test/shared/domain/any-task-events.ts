import fc from 'fast-check';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { Task } from '../../../shared/domain/task.ts';
import type { ObservedCommand, TaskEvent } from '../../../shared/domain/task-events.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { anArtifact, attemptId, NOON } from './samples.ts';

/** What may become of a command in a story: on the device, and of its result. */
export type CommandFate = 'stored' | 'lost' | 'failed' | 'notRun';

type Finished = Extract<TaskEvent, { type: 'finished' }>;

export function finishedAs(attempt: string, states: ObservedCommand['state'][], at: number): Finished {
  return {
    type: 'finished',
    at,
    attemptId: attempt,
    commands: states.map((state, index) => ({ index, state, errors: state === 'failed' ? ['It failed.'] : [] })),
  };
}

/** Ends a pending task as its commands' fates say. */
export function endsAs(task: Task, attempt: string, fates: CommandFate[]): Task {
  const at = NOON + 120_000;
  const states = fates.map((fate) => (fate === 'stored' || fate === 'lost' ? 'completed' : fate));
  const results = fates.flatMap((fate, index): TaskEvent[] => {
    if (fate === 'stored') return [{ type: 'stored', at, index, artifact: anArtifact(index) }];
    const failure = failureOf('ResultDamaged');
    return fate === 'lost' ? [{ type: 'notStored', at, index, error: failure.code, failure }] : [];
  });
  return [finishedAs(attempt, states, at), ...results].reduce(transition, task);
}

const anAttemptId = fc.constantFrom(attemptId(1), attemptId(2));
const at = fc.integer({ min: NOON, max: NOON + 3_600_000 });
const index = fc.constantFrom(0, 1);
const observed = fc.tuple(
  ...[0, 1].map((i) =>
    fc
      .constantFrom<ObservedCommand['state']>('waiting', 'running', 'completed', 'failed')
      .map((state): ObservedCommand => ({ index: i, state, errors: state === 'failed' ? ['It failed.'] : [] })),
  ),
);
/** An action that is over leaves no command open. */
const overs = fc.tuple(
  ...[0, 1].map((i) =>
    fc
      .constantFrom<ObservedCommand['state']>('completed', 'failed', 'notRun')
      .map((state): ObservedCommand => ({ index: i, state, errors: [] })),
  ),
);

const anyEvent: fc.Arbitrary<TaskEvent> = fc.oneof(
  fc.record({ type: fc.constant('submitting' as const), at, attemptId: anAttemptId }),
  fc.record({
    type: fc.constant('joined' as const),
    at,
    attemptId: anAttemptId,
    served: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({
    type: fc.constant('joined' as const),
    at,
    attemptId: anAttemptId,
    served: fc.integer({ min: 2, max: 50 }),
    machineActionId: fc.constant('action-1'),
  }),
  fc.record({
    type: fc.constant('left' as const),
    at,
    attemptId: anAttemptId,
    failure: fc.constantFrom(failureOf('Cancelled'), failureOf('Expired')),
    lost: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('reused' as const),
    at,
    attemptId: anAttemptId,
    machineActionId: fc.constant('action-0'),
    archivedAt: fc.constant(NOON - 60_000),
  }),
  fc.record({
    type: fc.constant('submitted' as const),
    at,
    attemptId: anAttemptId,
    machineActionId: fc.constant('action-1'),
    adopted: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('setBack' as const),
    at,
    attemptId: anAttemptId,
    to: fc.constantFrom('queued' as const, 'parked' as const),
    waiting: fc.constantFrom({}, { reason: 'MachineAsleep' as const, retryAt: NOON + 7_200_000, lastWaitMs: 30_000 }),
    cause: fc.constantFrom('refused' as const, 'fault' as const, 'asleep' as const, 'repeat' as const),
  }),
  fc.record({ type: fc.constant('woken' as const), at, why: fc.constant('machineSeen' as const) }),
  fc.record({
    type: fc.constant('progressed' as const),
    at,
    attemptId: anAttemptId,
    begun: fc.boolean(),
    commands: observed,
  }),
  fc.record({ type: fc.constant('finished' as const), at, attemptId: anAttemptId, commands: overs }),
  fc.record({ type: fc.constant('stored' as const), at, index, artifact: index.map(anArtifact) }),
  fc.record({
    type: fc.constant('notStored' as const),
    at,
    index,
    error: fc.constant('ResultDamaged'),
    failure: fc.constant(failureOf('ResultDamaged')),
  }),
  fc.record({
    type: fc.constant('stopped' as const),
    at,
    state: fc.constantFrom('failed' as const, 'cancelled' as const, 'expired' as const),
    failure: fc.constant(failureOf('Cancelled')),
  }),
);

/** A plain life of one attempt, into which chance mixes anything at all. */
const oneLife: fc.Arbitrary<TaskEvent[]> = fc
  .record({ at, id: anAttemptId, seen: observed, over: overs })
  .map((life) => {
    const { id } = life;
    return [
      { type: 'submitting', at: life.at, attemptId: id },
      { type: 'submitted', at: life.at, attemptId: id, machineActionId: 'action-1', adopted: false },
      { type: 'progressed', at: life.at, attemptId: id, begun: true, commands: life.seen },
      { type: 'finished', at: life.at, attemptId: id, commands: life.over },
      { type: 'stored', at: life.at, index: 0, artifact: anArtifact(0) },
      { type: 'stored', at: life.at, index: 1, artifact: anArtifact(1) },
    ];
  });

/** Any events in any order, among them whole lives, so that the later states are met as well. */
export function taskEvents(): fc.Arbitrary<TaskEvent[]> {
  const pieces = fc.oneof(
    anyEvent.map((event) => [event]),
    fc.tuple(oneLife, fc.integer({ min: 1, max: 6 })).map(([life, steps]) => life.slice(0, steps)),
  );
  return fc.array(pieces, { maxLength: 12 }).map((parts) => parts.flat());
}
