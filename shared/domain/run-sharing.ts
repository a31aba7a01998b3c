import { type Attempt, type ServedTask, type Untold, wantsSlotOnly } from './attempt.ts';
import { holdsSlot } from './capacity.ts';
import type { Candidate } from './dispatch-plan.ts';
import { PATIENCE } from './limits.ts';
import { type IndexedCommand, PRIORITIES, type Priority } from './request/collection-request.ts';
import { canonicalJson } from './request/request-identity.ts';
import { isWaiting, type Task, waitingSince } from './task.ts';
import type { TaskEvent } from './task-events.ts';
import { isInDefender } from './task-transitions.ts';
import type { EpochMs } from './time.ts';

/**
 * One run serves many: tasks that ask the same of one device share an attempt, so that neither the device nor Defender's
 * limits pay for it twice.
 */

/** An attempt's row, and that of each result, names every task it serves: what fits beside the longest commands. Ours. */
export const MOST_SERVED = 50;

/** What two requests must have in common to share a run, as one text: their commands with all arguments, in order. */
export const runText = (commands: readonly IndexedCommand[]): string => canonicalJson(commands);

/**
 * Whether who asks the same of its device may still come to this attempt. Of one that is cancelled for good nothing comes; and
 * where several requests share an action, a file may have been read long before the action ends.
 */
export function mayJoin(attempt: Attempt): boolean {
  const stops = attempt.cancel !== undefined && !wantsSlotOnly(attempt.cancel.reason);
  const going = !stops && (attempt.behind === undefined || attempt.begunAt === undefined);
  return attempt.run !== undefined && holdsSlot(attempt) && going && attempt.tasks.length < MOST_SERVED;
}

/** The waiting tasks that ask the same as one that is about to be submitted, the first of them first. */
export function matesOf(chosen: Candidate, waiting: readonly Candidate[]): Candidate[] {
  if (chosen.run === undefined) return [];
  const mates = waiting.filter(
    (c) => c.run === chosen.run && c.machineId === chosen.machineId && !isSameTask(c, chosen),
  );
  return eachOnce(mates).slice(0, MOST_SERVED - 1);
}

/** Which waiting tasks join which attempts. */
export function planJoins(
  attempts: readonly Attempt[],
  waiting: readonly Candidate[],
): { attempt: Attempt; candidates: Candidate[] }[] {
  const open = attempts.filter(mayJoin);
  if (open.length === 0) return [];
  const byMachine = Map.groupBy(waiting, (c) => c.machineId);
  return open.flatMap((attempt) => {
    const candidates = newcomers(attempt, byMachine.get(attempt.machineId) ?? []);
    return candidates.length === 0 ? [] : [{ attempt, candidates }];
  });
}

/** Index of the first command of a run in an attempt's action; `undefined`: it has none of them. */
function firstIndexOf({ run, behind = [] }: Attempt, asked: string | undefined): number | undefined {
  if (asked === undefined) return undefined;
  return asked === run ? 0 : behind.find((one) => one.run === asked)?.firstIndex;
}

/** Those of the candidates that the attempt may serve and does not yet. */
export function newcomers(attempt: Attempt, candidates: readonly Candidate[]): Candidate[] {
  if (!mayJoin(attempt)) return [];
  const fit = candidates.filter(
    (c) =>
      firstIndexOf(attempt, c.run) !== undefined &&
      c.machineId === attempt.machineId &&
      !attempt.tasks.some((t) => isSameTask(t, c)),
  );
  return eachOnce(fit).slice(0, MOST_SERVED - attempt.tasks.length);
}

/** The attempt with newcomers. What it last told counts no more: they have not heard it. It is as urgent as the most urgent. */
export function withServed({ told: _, ...attempt }: Attempt, candidates: readonly Candidate[]): Attempt {
  const added = candidates.map((c): ServedTask => ({ ...servedAs(c, firstIndexOf(attempt, c.run)), joined: true }));
  const priority = mostUrgent([attempt, ...candidates]);
  return { ...attempt, tasks: [...attempt.tasks, ...added], ...(priority === undefined ? {} : { priority }) };
}

/** Of an attempt and those that it serves; `undefined` while a row of an earlier version does not tell. */
export function mostUrgent(all: readonly { priority?: Priority }[]): Priority | undefined {
  const known = all.flatMap(({ priority }) => priority ?? []);
  return known.length < all.length ? undefined : PRIORITIES.find((priority) => known.includes(priority));
}

/** @param firstIndex of its commands in the action */
export const servedAs = ({ collectionId, taskId, since }: Candidate, firstIndex = 0): ServedTask => ({
  collectionId,
  taskId,
  since,
  ...(firstIndex > 0 ? { firstIndex } : {}),
});

type OfTask = Pick<ServedTask, 'collectionId' | 'taskId'>;

export const isSameTask = (a: OfTask, b: OfTask): boolean => a.taskId === b.taskId && a.collectionId === b.collectionId;

/** Rows of an earlier wait, or of an earlier time to try, may lie beside that of this one: the latest wait counts. */
export function eachOnce(candidates: readonly Candidate[]): Candidate[] {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = `${candidate.collectionId}|${candidate.taskId}`;
    const known = best.get(key);
    if (!known || known.since < candidate.since) best.set(key, candidate);
  }
  return [...best.values()];
}

/** It still waits out the very wait that the attempt ended: a crash, or a moment, lies between the two rows. */
export const hasNotHeard = (served: ServedTask, attempt: Attempt, task: Task): boolean =>
  isWaiting(task.state) && served.since === waitingSince(task) && task.machineId === attempt.machineId;

/** What a task is told first of an attempt that serves it, if it has not heard of it. */
export function firstHeard(served: ServedTask, attempt: Attempt, task: Task, at: EpochMs): TaskEvent[] {
  if (!hasNotHeard(served, attempt, task)) return [];
  const { attemptId, machineActionId, computerDnsName, tasks } = attempt;
  if (!served.joined) return [{ type: 'submitting', at, attemptId, served: tasks.length }];
  return [
    {
      type: 'joined',
      at,
      attemptId,
      served: tasks.length,
      ...(machineActionId === undefined ? {} : { machineActionId }),
      ...(computerDnsName === undefined ? {} : { computerDnsName }),
    },
  ];
}

/** Whether a task still wants what its attempt brings. */
export const isServed = (served: ServedTask, attempt: Attempt, task: Task): boolean =>
  hasNotHeard(served, attempt, task) || (task.attemptId === attempt.attemptId && isInDefender(task.state));

/**
 * What is remembered of the collections that could not be told of an action's end: those that failed at every look. One
 * that was told meanwhile, though another was not, starts the time anew.
 */
export function untoldSince(before: Untold | undefined, collections: readonly string[], now: EpochMs): Untold {
  const still = before?.collections.filter((id) => collections.includes(id)) ?? [];
  if (!before || still.length === 0) return { since: now, looks: 1, collections: [...collections] };
  return { since: before.since, looks: before.looks + 1, collections: still };
}

/** Many looks over a long time: an outage of the storage, in which nobody looks, is no fault of the collection's. */
export const isUntellable = ({ since, looks }: Untold, now: EpochMs): boolean =>
  looks >= PATIENCE.untoldLooks && since + PATIENCE.untoldMs <= now;
