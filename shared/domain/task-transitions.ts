import { failureOf } from './failures/failure-codes.ts';
import { type CommandProgress, isFinal, isWaiting, type Task, type TaskState, type Waiting } from './task.ts';
import type { ObservedCommand, TaskEvent } from './task-events.ts';
import type { EpochMs } from './time.ts';
import { unreachable } from './unreachable.ts';

/**
 * The life of a task. Pure; an event that does not fit the state (late, repeated, of an earlier attempt) returns the very
 * same task, so callers can tell "nothing changed" by identity.
 */
export function transition(task: Task, event: TaskEvent): Task {
  if (isFinal(task.state)) return task;
  switch (event.type) {
    case 'resolved':
      return task.state === 'queued' && !task.machineId ? resolved(task, event) : task;
    case 'submitting':
      return isWaiting(task.state)
        ? touched(leaveWaiting(task), event.at, { state: 'submitting', attemptId: event.attemptId })
        : task;
    case 'joined':
      return isWaiting(task.state) ? joined(task, event) : task;
    case 'reused':
      return isWaiting(task.state) ? reused(task, event) : task;
    case 'left':
      return ofAttempt(task, event) && (isInDefender(task.state) || (event.lost && task.state === 'archiving'))
        ? left(task, event)
        : task;
    case 'submitted':
      return task.state === 'submitting' && ofAttempt(task, event) ? submitted(task, event) : task;
    case 'setBack':
      return ofAttempt(task, event) && task.state !== 'archiving' && !isWaiting(task.state)
        ? setBack(task, event)
        : task;
    case 'woken':
      return task.state === 'parked' && !task.waiting?.woken ? woken(task, event.at) : task;
    case 'progressed':
      return ofAttempt(task, event) && (task.state === 'pending' || task.state === 'running')
        ? progressed(task, event)
        : task;
    case 'finished':
      return ofAttempt(task, event) && (task.state === 'pending' || task.state === 'running')
        ? finished(task, event)
        : task;
    case 'stored':
      return storedOf(task, event);
    case 'notStored':
      return mayBeStored(task.state) ? notStored(task, event) : task;
    case 'stopped':
      return isWaiting(task.state) ? ended(task, event.state, event.at, event.failure) : task;
    default:
      return unreachable(event);
  }
}

/** The attempt's action is there, or may be, and as far as the task knows it is not over. */
export const isInDefender = (state: TaskState): boolean =>
  state === 'submitting' || state === 'pending' || state === 'running';

const ofAttempt = (task: Task, event: { attemptId: string }): boolean => task.attemptId === event.attemptId;

function touched(task: Task, at: EpochMs, change: Partial<Task>): Task {
  return { ...task, ...change, updatedAt: at };
}

/** Without what only waiting tasks have. */
function leaveWaiting(task: Task): Task {
  const { waiting: _, ...rest } = task;
  return rest;
}

function resolved(task: Task, event: Extract<TaskEvent, { type: 'resolved' }>): Task {
  return touched(task, event.at, {
    machineId: event.machineId,
    ...(event.computerDnsName ? { computerDnsName: event.computerDnsName } : {}),
    ...(event.platform ? { platform: event.platform } : {}),
  });
}

function submitted(task: Task, event: Extract<TaskEvent, { type: 'submitted' }>): Task {
  return touched(task, event.at, {
    state: 'pending',
    machineActionId: event.machineActionId,
    attempts: task.attempts + 1,
    submitFaults: 0,
    ...(event.computerDnsName ? { computerDnsName: event.computerDnsName } : {}),
  });
}

function joined(task: Task, event: Extract<TaskEvent, { type: 'joined' }>): Task {
  const { at, attemptId, machineActionId, computerDnsName } = event;
  const submitting = touched(leaveWaiting(task), at, { state: 'submitting', attemptId });
  if (machineActionId === undefined) return submitting;
  const named = computerDnsName === undefined ? {} : { computerDnsName };
  return submitted(submitting, { type: 'submitted', at, attemptId, machineActionId, adopted: false, ...named });
}

/** As after a run whose commands have all completed: what is owed are copies. */
function reused(task: Task, event: Extract<TaskEvent, { type: 'reused' }>): Task {
  const { at, attemptId, machineActionId, archivedAt } = event;
  const commands = task.commands.map((c) => ({ ...c, state: 'completed' as const, errors: [] }));
  const next = touched(leaveWaiting(task), at, {
    state: 'archiving',
    attemptId,
    machineActionId,
    reusedFrom: { archivedAt },
    commands,
  });
  return settled(next, at);
}

/** What it may still bring belongs to the others. */
const LEFT = 'The run went on for others when this collection was stopped.';

function left(task: Task, event: Extract<TaskEvent, { type: 'left' }>): Task {
  const commands = task.commands.map((command): CommandProgress => {
    if (command.state === 'waiting') return { ...command, state: 'notRun' };
    // What has ended already is about to be stored: it has won the race.
    const goesOn = command.state === 'running' || (event.lost && owesResult(command));
    return goesOn ? { ...command, state: 'failed', errors: [...command.errors, LEFT] } : command;
  });
  const { attemptId: _, ...never } = task;
  // As far as it knows, no action came of this attempt.
  const from = task.state === 'submitting' ? never : task;
  return settled(touched(from, event.at, { state: 'archiving', commands, failure: event.failure }), event.at);
}

function setBack(task: Task, event: Extract<TaskEvent, { type: 'setBack' }>): Task {
  const { attemptId: _, ...rest } = task;
  const waiting: Waiting = { since: event.at, ...event.waiting };
  const { reason, lastWaitMs, rests, retryAt } = waiting;
  return touched(rest, event.at, {
    state: event.to,
    waiting,
    ...(reason && lastWaitMs !== undefined ? { lastWait: { reason, ms: lastWaitMs } } : {}),
    ...(rests && retryAt !== undefined ? { lastRestMs: retryAt - event.at } : {}),
    submitFaults: event.cause === 'fault' ? task.submitFaults + 1 : 0,
    repeats: event.cause === 'repeat' ? task.repeats + 1 : task.repeats,
    commands: task.commands.map((c) => ({ ...c, state: 'waiting', errors: [] })),
  });
}

/** Keeps its last wait, so that a false alarm does not restart the growing intervals. */
function woken(task: Task, at: EpochMs): Task {
  const waiting = { ...(task.waiting ?? { since: at }), retryAt: 0, woken: true };
  return touched(task, at, { waiting });
}

function observed(commands: CommandProgress[], seen: ObservedCommand[]): CommandProgress[] {
  return commands.map((command) => {
    const now = seen.find((s) => s.index === command.index);
    // A result that could not be stored failed for good, though Defender goes on saying that its command has not.
    const isJudged = command.state === 'archived' || (command.state === 'failed' && now?.state === 'completed');
    if (!now || isJudged) return command;
    return { ...command, state: now.state, errors: now.errors };
  });
}

function progressed(task: Task, event: Extract<TaskEvent, { type: 'progressed' }>): Task {
  const commands = observed(task.commands, event.commands);
  const state: TaskState = event.begun ? 'running' : task.state;
  const same = state === task.state && commands.every((c, i) => c.state === task.commands[i]?.state);
  return same ? task : touched(task, event.at, { state, commands });
}

function finished(task: Task, event: Extract<TaskEvent, { type: 'finished' }>): Task {
  const next = touched(task, event.at, {
    state: 'archiving',
    commands: observed(task.commands, event.commands),
    ...(event.failure ? { failure: event.failure } : {}),
  });
  return settled(next, event.at);
}

/** A result may be stored before its action is final. */
export const mayBeStored = (state: TaskState): boolean => state === 'archiving' || state === 'running';

function storedOf(task: Task, event: Extract<TaskEvent, { type: 'stored' }>): Task {
  if (!mayBeStored(task.state)) return task;
  const before = task.commands.find((c) => c.index === event.index);
  if (!before || before.state === 'archived') return task;
  const commands = task.commands.map((c) =>
    c.index === event.index ? { ...c, state: 'archived' as const, artifact: event.artifact } : c,
  );
  const next = touched(task, event.at, { commands });
  return task.state === 'archiving' ? settled(next, event.at) : next;
}

function notStored(task: Task, event: Extract<TaskEvent, { type: 'notStored' }>): Task {
  const before = task.commands.find((c) => c.index === event.index);
  if (before?.state !== 'completed') return task;
  // the code first, for whoever branches on it: the task's own failure may be another one
  const errors = [...before.errors, event.failure.code, event.error];
  const commands = task.commands.map((c) => (c.index === event.index ? { ...c, state: 'failed' as const, errors } : c));
  const next = touched(task, event.at, { commands, failure: task.failure ?? event.failure });
  return task.state === 'archiving' ? settled(next, event.at) : next;
}

/** A command of the action that still has a result to be stored. */
export const owesResult = (command: CommandProgress): boolean =>
  command.state === 'completed' && command.type !== 'PutFile';

/** Ends the task once no command owes anything: its commands decide, not the action's status. */
function settled(task: Task, at: EpochMs): Task {
  if (task.commands.some((c) => owesResult(c) || c.state === 'waiting' || c.state === 'running')) return task;
  if (task.commands.every((c) => c.state === 'archived' || c.state === 'completed')) return ended(task, 'archived', at);
  const failure = task.failure ?? failureOf('CommandFailed');
  if (task.commands.some((c) => c.state === 'archived')) return ended(task, 'partial', at, failure);
  return ended(task, stateOfFailure(failure.code), at, failure);
}

function stateOfFailure(code: string): 'failed' | 'cancelled' | 'expired' {
  if (code === 'Cancelled') return 'cancelled';
  return code === 'Expired' ? 'expired' : 'failed';
}

function ended(task: Task, state: TaskState, at: EpochMs, failure?: Task['failure']): Task {
  const { failure: _, ...rest } = leaveWaiting(task);
  const commands = task.commands.map((c) => (c.state === 'waiting' ? { ...c, state: 'notRun' as const } : c));
  return touched(rest, at, { state, commands, endedAt: at, ...(failure ? { failure } : {}) });
}
