import type { Observation } from './action-outcome.ts';
import type { Attempt, ReadsBehind, ServedTask } from './attempt.ts';
import type { Candidate } from './dispatch-plan.ts';
import { failureOf } from './failures/failure-codes.ts';
import { type Command, PRIORITIES, REQUEST_LIMITS } from './request/collection-request.ts';
import { eachOnce, MOST_SERVED, matesOf } from './run-sharing.ts';
import { storedLength } from './stored-length.ts';
import type { ObservedCommand } from './task-events.ts';
import type { EpochMs } from './time.ts';

/**
 * Requests of one device that only read files go out as one action, the commands of each behind those of the one before:
 * one submit, one wait for the device, one session. Scripts and files that are put stay alone: they may change what another
 * request is about, and a request that is cancelled must be able to stop its own.
 *
 * Defender runs commands in order and stops at the first that fails. Whose commands were not reached waits again; whose
 * failed has ended.
 */

/** What one request asks for. */
type Asked = readonly Command[];

export const onlyReads = (commands: Asked): boolean => commands.every(({ type }) => type === 'GetFile');

/** Different requests in one action; more would only wait for each other. Ours. */
const MOST_REQUESTS = 8;

/**
 * Who waits for the device of a chosen task and asks for something else: the first of each request, in their order. Not who
 * rests from a failure, goes alone, or is of a slower lane: nobody's action gets longer for what is less urgent.
 */
export function othersOf(chosen: Candidate, waiting: readonly Candidate[], now: EpochMs): Candidate[] {
  if (chosen.alone) return [];
  const sameDevice = waiting.filter((c) => c.machineId === chosen.machineId);
  const firsts = new Map<string, Candidate>();
  for (const other of eachOnce(sameDevice))
    if (other.run !== undefined && !firsts.has(other.run) && mayGoBehind(other, chosen, now))
      firsts.set(other.run, other);
  return [...firsts.values()].slice(0, MOST_REQUESTS - 1);
}

function mayGoBehind(other: Candidate, chosen: Candidate, now: EpochMs): boolean {
  const ready = other.retryAt <= now || (other.asleep && other.rests === true);
  const asFast = PRIORITIES.indexOf(other.priority) <= PRIORITIES.indexOf(chosen.priority);
  return other.run !== chosen.run && !other.alone && ready && asFast;
}

/** An action's commands and whom they serve; of those behind the first request each names where its own begin. */
export interface CombinedReads {
  commands: Command[];
  candidates: { candidate: Candidate; firstIndex: number }[];
  behind: ReadsBehind[];
}

/**
 * Puts further requests behind the first as long as they fit: no more commands than one request may have.
 *
 * @param first the chosen task's own commands, and those who ask the same
 * @param asks what others ask for; absent: it is not known, and they wait for an action of their own
 */
export function combineReads(
  first: { commands: Asked; candidates: readonly Candidate[] },
  others: readonly Candidate[],
  waiting: readonly Candidate[],
  asks: (other: Candidate) => Asked | undefined,
): CombinedReads {
  const combined: CombinedReads = {
    commands: [...first.commands],
    candidates: first.candidates.map((candidate) => ({ candidate, firstIndex: 0 })),
    behind: [],
  };
  if (!onlyReads(first.commands)) return combined;
  for (const other of others) {
    const asked = asks(other);
    if (!asked || other.run === undefined || !onlyReads(asked) || !fits(combined, asked)) continue;
    const firstIndex = combined.commands.length;
    const same = [other, ...matesOf(other, waiting)].slice(0, MOST_SERVED - combined.candidates.length);
    combined.candidates.push(...same.map((candidate) => ({ candidate, firstIndex })));
    combined.commands.push(...asked);
    combined.behind.push({ run: other.run, firstIndex });
  }
  return combined;
}

function fits({ commands, candidates }: CombinedReads, asked: Asked): boolean {
  const all = [...commands, ...asked];
  return (
    candidates.length < MOST_SERVED &&
    all.length <= REQUEST_LIMITS.commands &&
    storedLength(all) <= REQUEST_LIMITS.commandCharacters
  );
}

/**
 * What a look at the action says of the commands of one task alone. Its part is over when its commands are, although the
 * action goes on for others.
 *
 * @param count how many commands it has
 */
export function ownPart(
  observation: Observation,
  { behind }: Attempt,
  { firstIndex = 0 }: ServedTask,
  count: number,
): Observation {
  if (behind === undefined || observation.kind === 'notBegun') return observation;
  const own = observation.commands
    .filter(({ index }) => index >= firstIndex && index < firstIndex + count)
    .map((command): ObservedCommand => ({ ...command, index: command.index - firstIndex }));
  const times = observation.times ? { times: observation.times } : {};
  const allWell = own.every(({ state }) => state === 'completed');
  if (observation.kind === 'open')
    return allWell ? { kind: 'ended', commands: own, goesOn: true, ...times } : { ...observation, commands: own };
  if (allWell) return { kind: 'ended', commands: own, ...times };
  const { failure = failureOf('CommandFailed') } = observation;
  const stoppedBefore = observation.commands.some(({ index, state }) => index < firstIndex && state === 'failed');
  const notReached = stoppedBefore && own.every(({ state }) => state === 'notRun');
  return notReached
    ? { kind: 'notBegun', why: 'notReached', failure }
    : { kind: 'ended', commands: own, failure, ...times };
}
