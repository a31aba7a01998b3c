import type { Observation } from './action-outcome.ts';
import type { Attempt, ReadsBehind, ServedTask } from './attempt.ts';
import type { Candidate } from './dispatch-plan.ts';
import { failureOf } from './failures/failure-codes.ts';
import { type Command, REQUEST_LIMITS } from './request/collection-request.ts';
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
 * failed has ended. So requests never cost more actions together than apart.
 */

/** What one request asks for. */
type Asked = readonly Command[];

export const onlyReads = (commands: Asked): boolean => commands.every(({ type }) => type === 'GetFile');

/** Different requests in one action; more would only wait for each other. Ours. */
const MOST_REQUESTS = 8;

/**
 * Who waits for the device of a chosen task and asks for something else: the first of each request, in their order. Not one
 * that rests from a failure of its own.
 */
export function othersOf(chosen: Candidate, waiting: readonly Candidate[], now: EpochMs): Candidate[] {
  const others = waiting.filter(
    (c) =>
      c.machineId === chosen.machineId && c.run !== undefined && c.run !== chosen.run && (c.asleep || c.retryAt <= now),
  );
  const firsts = new Map<string | undefined, Candidate>();
  for (const other of eachOnce(others)) if (!firsts.has(other.run)) firsts.set(other.run, other);
  return [...firsts.values()].slice(0, MOST_REQUESTS - 1);
}

/** An action's commands and whom they serve; of those behind the first request each names where its own begin. */
export interface CombinedReads {
  commands: Command[];
  candidates: { candidate: Candidate; from: number }[];
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
    candidates: first.candidates.map((candidate) => ({ candidate, from: 0 })),
    behind: [],
  };
  if (!onlyReads(first.commands)) return combined;
  for (const other of others) {
    const asked = asks(other);
    if (!asked || other.run === undefined || !onlyReads(asked) || !fits(combined, asked)) continue;
    const from = combined.commands.length;
    const same = [other, ...matesOf(other, waiting)].slice(0, MOST_SERVED - combined.candidates.length);
    combined.candidates.push(...same.map((candidate) => ({ candidate, from })));
    combined.commands.push(...asked);
    combined.behind.push({ run: other.run, from });
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
 * What a look at the action says of the commands of one task alone.
 * @param count how many commands it has
 */
export function ownPart(
  observation: Observation,
  { behind }: Attempt,
  { from = 0 }: ServedTask,
  count: number,
): Observation {
  if (behind === undefined || observation.kind === 'notBegun') return observation;
  const own = observation.commands
    .filter(({ index }) => index >= from && index < from + count)
    .map((command): ObservedCommand => ({ ...command, index: command.index - from }));
  if (observation.kind === 'open') return { ...observation, commands: own };
  const { failure = failureOf('CommandFailed'), times } = observation;
  const ended = { kind: 'ended' as const, commands: own, ...(times ? { times } : {}) };
  if (own.every(({ state }) => state === 'completed')) return ended;
  const stoppedBefore = observation.commands.some(({ index, state }) => index < from && state === 'failed');
  const notReached = stoppedBefore && own.every(({ state }) => state === 'notRun');
  return notReached ? { kind: 'notBegun', why: 'notReached', failure } : { ...ended, failure };
}
