import type { ActionSnapshot } from './action.ts';
import { type Attempt, pendingSince } from './attempt.ts';
import { explainFailure } from './failures/explain.ts';
import { type Failure, failureOf } from './failures/failure-codes.ts';
import { COMMAND_TIME_MS, PATIENCE } from './limits.ts';
import type { ObservedCommand } from './task-events.ts';
import type { EpochMs } from './time.ts';

/** What one look at an action says about its attempt. */
export type Observation = { times?: ObservedTimes } & (
  | { kind: 'open'; begun: boolean; commands: ObservedCommand[] }
  /** Over, and nothing that must not be repeated has begun. `failure` says why, should it not be tried again. */
  | { kind: 'notBegun'; why: WhyNotBegun; failure: Failure }
  /** `goesOn`: for other requests, whose commands stand behind these. */
  | { kind: 'ended'; commands: ObservedCommand[]; failure?: Failure; goesOn?: true }
);

/**
 * - `asleep`: Defender's queue timed out
 * - `gaveWay`: we took its slot for others who waited
 * - `yielded`: we took its slot for an urgent task
 * - `notReached`: the action ended at a command of another request before it came to these
 */
export type WhyNotBegun =
  | 'asleep'
  | 'gaveWay'
  | 'yielded'
  | 'cancelled'
  | 'cancelledByOther'
  | 'neverCameUp'
  | 'notReached';

/** Its device did not answer, and is tried again later. */
export const goesToRest = (observation: Observation): boolean =>
  observation.kind === 'notBegun' && (observation.why === 'asleep' || observation.why === 'gaveWay');

/** When the stages of an action were reached, by Defender's own clock. */
export interface ObservedTimes {
  startedAt?: EpochMs;
  doneAt?: EpochMs;
  finalAt?: EpochMs;
}

/**
 * Reads an action's and each command's status together: the action may lag behind its commands, and may end well although
 * a command failed or end cancelled although one completed. Words that we do not know are never final.
 */
export function observeAction(attempt: Attempt, action: ActionSnapshot, now: EpochMs): Observation {
  const commands = attempt.commands.map((_, index) => observeCommand(action, index));
  const begun = hasBegun(attempt, action);
  const times = timesOf(action);
  if (!isOver(attempt, action, now)) return { kind: 'open', times, begun, commands };
  return begun
    ? { times, ...endOf(attempt, action, commands) }
    : { kind: 'notBegun', times, why: whyNotBegun(attempt, action), failure: explain(attempt, action, []) };
}

function timesOf({ commands, status, updatedAt }: ActionSnapshot): ObservedTimes {
  const starts = commands.flatMap((c) => c.startedAt ?? []);
  const ends = commands.flatMap((c) => c.endedAt ?? []);
  const allEnded = commands.length > 0 && ends.length === commands.length;
  return {
    ...(starts.length > 0 ? { startedAt: Math.min(...starts) } : {}),
    ...(allEnded ? { doneAt: Math.max(...ends) } : {}),
    ...(FINAL.has(status) && updatedAt !== undefined ? { finalAt: updatedAt } : {}),
  };
}

/**
 * The attempt with what a look showed of its stages. Defender's clock may be off: an instant before the action's begin, or
 * still to come, is moved to where it can have been.
 */
export function withTimes(attempt: Attempt, begun: boolean, times: ObservedTimes, now: EpochMs): Attempt {
  const since = pendingSince(attempt);
  const within = (at: EpochMs, earliest: EpochMs): EpochMs => Math.max(earliest, Math.min(now, at));
  const begunAt = attempt.begunAt ?? (begun ? within(times.startedAt ?? now, since) : undefined);
  const done = times.doneAt === undefined ? undefined : within(times.doneAt, begunAt ?? since);
  const doneAt = attempt.doneAt ?? done;
  const final = times.finalAt === undefined ? undefined : within(times.finalAt, doneAt ?? begunAt ?? since);
  const finalAt = attempt.finalAt ?? final;
  return {
    ...attempt,
    ...(begunAt === undefined ? {} : { begunAt }),
    ...(doneAt === undefined ? {} : { doneAt }),
    ...(finalAt === undefined ? {} : { finalAt }),
  };
}

/** Anything that hints at a start counts: a command that may have run is never run again. */
export function hasBegun(attempt: Attempt, action: ActionSnapshot): boolean {
  return (
    attempt.begunAt !== undefined ||
    action.status === 'inProgress' ||
    action.status === 'succeeded' ||
    action.commands.some((c) => c.status !== 'created' || c.startedAt !== undefined || c.endedAt !== undefined)
  );
}

function observeCommand(action: ActionSnapshot, index: number): ObservedCommand {
  const seen = action.commands.find((c) => c.index === index);
  if (!seen) return { index, state: 'waiting', errors: [] };
  switch (seen.status) {
    case 'completed':
      return { index, state: 'completed', errors: [] };
    case 'failed':
      return { index, state: 'failed', errors: seen.errors };
    case 'executing':
      return { index, state: 'running', errors: [] };
    case 'created':
    case 'unknown':
      return { index, state: seen.startedAt === undefined ? 'waiting' : 'running', errors: seen.errors };
  }
}

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timeOut', 'cancelled']);

/** Final by Defender's word, or by our patience where that word never comes. */
function isOver(attempt: Attempt, action: ActionSnapshot, now: EpochMs): boolean {
  return FINAL.has(action.status) || commandsLongDone(action, now) || givenUp(attempt, now);
}

/** Every command has ended, and the action has had time to follow. */
function commandsLongDone(action: ActionSnapshot, now: EpochMs): boolean {
  const ends = action.commands.map((c) => c.endedAt);
  const done = action.commands.every((c) => c.status === 'completed' || c.status === 'failed');
  const last = Math.max(...ends.map((e) => e ?? Number.POSITIVE_INFINITY));
  return ends.length > 0 && done && last + PATIENCE.finalLagMs < now;
}

function givenUp(attempt: Attempt, now: EpochMs): boolean {
  const { cancel } = attempt;
  return cancel?.reason === 'stuck' && cancel.requestedAt + PATIENCE.stuckGivenUpMs < now;
}

/** When a begun action counts as stuck: all that its commands may take, and a margin. */
export function stuckAt(attempt: Attempt): EpochMs | undefined {
  if (attempt.begunAt === undefined) return undefined;
  const most = attempt.commands.reduce((sum, command) => sum + COMMAND_TIME_MS[command.type], 0);
  return attempt.begunAt + most + PATIENCE.stuckMarginMs;
}

function whyNotBegun({ cancel, probe }: Attempt, action: ActionSnapshot): WhyNotBegun {
  if (action.status === 'timeOut') return 'asleep';
  if (cancel?.reason === 'probation') return 'gaveWay';
  if (cancel?.reason === 'yielded') return probe ? 'gaveWay' : 'yielded';
  if (cancel) return 'cancelled';
  return action.status === 'cancelled' ? 'cancelledByOther' : 'neverCameUp';
}

function endOf(
  attempt: Attempt,
  action: ActionSnapshot,
  seen: ObservedCommand[],
): { kind: 'ended'; commands: ObservedCommand[]; failure?: Failure } {
  const commands = seen.map(finalCommand);
  const allWell = commands.every((c) => c.state === 'completed');
  if (allWell) return { kind: 'ended', commands };
  const errors = commands.flatMap((c) => (c.state === 'failed' ? c.errors : []));
  return { kind: 'ended', commands, failure: explain(attempt, action, errors, commands) };
}

/** Nothing moves any more: what ran is failed, what waited was not run. */
function finalCommand(command: ObservedCommand): ObservedCommand {
  if (command.state === 'running')
    return { ...command, state: 'failed', errors: [...command.errors, 'The action ended while this command ran.'] };
  return command.state === 'waiting' ? { ...command, state: 'notRun' } : command;
}

/** A command's own failure tells most; then our own cancel, then how the action ended. */
function explain(
  attempt: Attempt,
  action: ActionSnapshot,
  errors: string[],
  commands: ObservedCommand[] = [],
): Failure {
  const failed = action.commands.find((c) => c.status === 'failed');
  const reason = attempt.cancel?.reason;
  if (!failed && reason === 'requested') return failureOf('Cancelled');
  if (!failed && reason === 'expired') return failureOf('Expired');
  if (!failed && reason === 'stuck') return failureOf('ActionTimedOut');
  const index = failed?.index ?? commands.find((c) => c.state === 'failed')?.index;
  const type = index === undefined ? undefined : attempt.commands[index]?.type;
  return explainFailure({
    actionStatus: action.rawStatus,
    commandErrors: errors,
    errorHResult: action.errorHResult,
    commandType: type,
  });
}

/**
 * Whether an attempt whose device had begun may be repeated: GetFile alone changes nothing on the device, nothing came
 * of it, nobody asked to stop, and its failure may heal.
 */
export function mayRepeat(attempt: Attempt, ended: { commands: ObservedCommand[]; failure?: Failure }): boolean {
  const { cancel } = attempt;
  return (
    attempt.commands.every((c) => c.type === 'GetFile') &&
    ended.commands.every((c) => c.state !== 'completed') &&
    cancel?.reason !== 'requested' &&
    cancel?.reason !== 'expired' &&
    ended.failure?.retryable === true
  );
}
