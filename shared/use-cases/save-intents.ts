import type { Attempt, ServedTask, SubmitGuard } from '../domain/attempt.ts';
import type { Collection } from '../domain/collection.ts';
import { applyTaskEvents, type TaskChange } from '../domain/collection-changes.ts';
import type { Candidate } from '../domain/dispatch-plan.ts';
import { isStaleTurn, taskAgendaKey } from '../domain/index-keys.ts';
import { PATIENCE } from '../domain/limits.ts';
import { fittingOneTransaction } from '../domain/stored-length.ts';
import { neverSent } from '../domain/submit-outcome.ts';
import { isFinal, type Task } from '../domain/task.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Versioned } from '../ports.ts';
import { dropAgendaRows } from './agenda.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { draftAttempts } from './draft-attempts.ts';
import { endAttempt, eventsOfRefusal } from './tell-tasks.ts';

/** An attempt that is saved, with the tasks that it serves, and not yet sent. */
export interface Intent {
  attempt: Attempt;
  tasks: Task[];
}

/**
 * Saves what is about to be submitted: all attempts with the guard in one transaction, so that no limit is passed by two
 * instances together, then the tasks. An attempt whose first task has moved on meanwhile is given back; nothing was sent
 * for it, and its other tasks have not heard of it.
 *
 * @param waiting among whom those are found who ask the same as a chosen one: they share its attempt
 */
export async function saveIntents(
  deps: Deps,
  guard: Versioned<SubmitGuard>,
  chosen: Candidate[],
  waiting: readonly Candidate[] = [],
): Promise<Intent[] | 'conflict'> {
  const { drafts: all, orphans } = await draftAttempts(deps, chosen, waiting);
  // Attempts with very long commands keep their turn for another transaction.
  const drafts = fittingOneTransaction(all, ({ attempt }) => attempt);
  await dropAgendaRows(
    deps,
    orphans.map((c) => c.key),
  );
  if (drafts.length === 0) return [];
  const attempts = drafts.map((d) => ({ value: d.attempt }));
  const written = await deps.work.commit(deps.settings.tenantId, { guard, attempts });
  if (written === 'conflict') return 'conflict';
  deps.checkpoint('dispatch.afterIntent');
  const firsts = await markAll(
    deps,
    drafts.flatMap(({ candidates, attempt }) => candidates.slice(0, 1).map((candidate) => ({ candidate, attempt }))),
  );
  for (const { attempt, outcome } of firsts) if (outcome === 'movedOn') await giveBack(deps, attempt, isNewcomer);
  const going = drafts.filter(({ attempt }) => firsts.some((f) => f.attempt === attempt && isTask(f.outcome)));
  const mates = await markAll(
    deps,
    going.flatMap(({ candidates, attempt }) => candidates.slice(1).map((candidate) => ({ candidate, attempt }))),
  );
  return going.map(({ attempt }) => {
    const mine = [...firsts, ...mates].filter((m) => m.attempt === attempt);
    return { attempt, tasks: mine.flatMap(({ outcome }) => (isTask(outcome) ? [outcome] : [])) };
  });
}

const isNewcomer = ({ joined }: ServedTask): boolean => joined === true;

/** One task's part of a draft. */
interface Turn {
  candidate: Candidate;
  attempt: Attempt;
}

/** `unsure`: the change may have been made or not. */
interface Marked extends Turn {
  outcome: Task | 'movedOn' | 'unsure';
}

const isTask = (outcome: Marked['outcome']): outcome is Task => typeof outcome !== 'string';

/** Collections side by side. What was not marked is not sent; a poll finds out that nothing came of its attempt. */
async function markAll(deps: Deps, turns: Turn[]): Promise<Marked[]> {
  const byCollection = Map.groupBy(turns, (turn) => turn.candidate.collectionId);
  return (await Promise.all([...byCollection].map(([id, group]) => markAlone(deps, id, group)))).flat();
}

const markAlone = (deps: Deps, collectionId: string, turns: Turn[]): Promise<Marked[]> =>
  markSubmitting(deps, collectionId, turns).catch((error: unknown) => {
    deps.log.error('dispatch.collectionFailed', { collectionId, error: String(error) });
    return turns.map((turn) => ({ ...turn, outcome: 'unsure' as const }));
  });

async function markSubmitting(deps: Deps, collectionId: string, turns: Turn[]): Promise<Marked[]> {
  const at = deps.clock.now();
  const ids = turns.map((t) => t.candidate.taskId);
  const changed = await changeCollection(deps, collectionId, ids, (collection, tasks, now) => {
    const current = turns.filter((t) => isCurrent(t, collection, tasks, now));
    return applyTaskEvents(
      collection,
      tasks,
      current.map((t) => submittingEvent(t, at)),
      now,
    );
  });
  const tasks = new Map(changed?.tasks.map((t) => [t.taskId, t]));
  const marked = turns.map((turn): Marked => {
    const task = tasks.get(turn.candidate.taskId);
    const served = task?.attemptId === turn.attempt.attemptId && !isFinal(task.state);
    return { ...turn, outcome: served ? task : 'movedOn' };
  });
  const stale = marked.filter(({ candidate, outcome }) => {
    const task = tasks.get(candidate.taskId);
    if (outcome !== 'movedOn' || (changed && task && taskAgendaKey(changed.collection, task) === candidate.key))
      return false;
    return !changed || isStaleTurn(candidate.key, task, at, candidate.writtenAt);
  });
  await dropAgendaRows(
    deps,
    stale.map((s) => s.candidate.key),
  );
  return marked;
}

/**
 * An agenda row may be stale, or early: only the one that the task itself would write counts. An intent may be stale too:
 * whoever was held up since leaves the task alone, because a poll may have given the attempt up (`adopt-actions`).
 */
function isCurrent({ candidate, attempt }: Turn, collection: Collection, tasks: Task[], now: EpochMs): boolean {
  const task = tasks.find((t) => t.taskId === candidate.taskId);
  const fresh = now <= attempt.intentAt + PATIENCE.intentFreshMs;
  return fresh && task !== undefined && taskAgendaKey(collection, task) === candidate.key;
}

const submittingEvent = ({ candidate, attempt }: Turn, at: EpochMs): TaskChange => ({
  taskId: candidate.taskId,
  event: { type: 'submitting', at, attemptId: attempt.attemptId, served: attempt.tasks.length },
});

/**
 * Takes back an attempt for which no call was made, with its permit and slot; who came to it meanwhile waits again.
 * @param concerns who may have heard of it; absent: everybody
 */
export async function giveBack(
  deps: Deps,
  attempt: Attempt,
  concerns: (served: ServedTask) => boolean = () => true,
): Promise<void> {
  await endAttempt(deps, attempt, {
    eventsOf: eventsOfRefusal(attempt, () => neverSent),
    concerns,
    end: (row) => ({ removeAttempts: [row] }),
  });
}
