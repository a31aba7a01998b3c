import type { Attempt, SubmitGuard } from '../domain/attempt.ts';
import { commentOf } from '../domain/attempt-token.ts';
import type { Collection } from '../domain/collection.ts';
import { applyTaskEvents, type TaskChange } from '../domain/collection-changes.ts';
import type { Candidate } from '../domain/dispatch-plan.ts';
import { isStaleTurn, taskAgendaKey } from '../domain/index-keys.ts';
import { PATIENCE } from '../domain/limits.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import { storedLength } from '../domain/stored-length.ts';
import type { Task } from '../domain/task.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Versioned } from '../ports.ts';
import { dropAgendaRows } from './agenda.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';

/** New attempts in one transaction, as they are stored: below what the store takes (`TRANSACTION_CHARACTERS`). */
const INTENT_CHARACTERS = 3_000_000;

/** An attempt that is saved, with its task, and not yet sent. */
export interface Intent {
  attempt: Attempt;
  task: Task;
}

/**
 * Saves what is about to be submitted: all attempts with the guard in one transaction, so that no limit is passed by two
 * instances together, then the tasks. A task that has moved on meanwhile gives its attempt back; nothing was sent for it.
 */
export async function saveIntents(
  deps: Deps,
  guard: Versioned<SubmitGuard>,
  chosen: Candidate[],
): Promise<Intent[] | 'conflict'> {
  const { drafts: all, orphans } = await draftAttempts(deps, chosen);
  const drafts = fitting(all);
  await dropAgendaRows(
    deps,
    orphans.map((c) => c.key),
  );
  if (drafts.length === 0) return [];
  const attempts = drafts.map((d) => ({ value: d.attempt }));
  const written = await deps.work.commit(deps.settings.tenantId, { guard, attempts });
  if (written === 'conflict') return 'conflict';
  deps.checkpoint('dispatch.afterIntent');
  const byCollection = Map.groupBy(drafts, (d) => d.candidate.collectionId);
  const saved = await Promise.all([...byCollection].map(([id, group]) => markAlone(deps, id, group)));
  return saved.flat();
}

interface Draft {
  candidate: Candidate;
  attempt: Attempt;
}

/** The first that fit one transaction: attempts with very long commands keep their turn for another. */
function fitting(drafts: Draft[]): Draft[] {
  let characters = 0;
  const last = drafts.findIndex(({ attempt }) => {
    characters += storedLength(attempt);
    return characters > INTENT_CHARACTERS;
  });
  return last < 0 ? drafts : drafts.slice(0, last);
}

/** `orphans`: turns of collections that there are not. One that cannot be read now keeps its turns and holds up nobody. */
async function draftAttempts(deps: Deps, chosen: Candidate[]): Promise<{ drafts: Draft[]; orphans: Candidate[] }> {
  const ids = [...new Set(chosen.map((c) => c.collectionId))];
  const requests = new Map(await Promise.all(ids.map(async (id) => [id, await requestOf(deps, id)] as const)));
  const drafts = chosen.flatMap((candidate) => {
    const request = requests.get(candidate.collectionId);
    if (!request || request === 'unreadable') return [];
    const attemptId = deps.ids.next();
    const attempt: Attempt = {
      attemptId,
      tenantId: deps.settings.tenantId,
      machineId: candidate.machineId,
      tasks: [{ collectionId: candidate.collectionId, taskId: candidate.taskId }],
      commands: request.commands.map(({ index: _, ...command }) => command),
      comment: commentOf(attemptId, request),
      state: 'submitting',
      intentAt: deps.clock.now(),
      priority: candidate.priority,
      ...(candidate.asleep ? { probe: true } : {}),
    };
    return [{ candidate, attempt }];
  });
  return { drafts, orphans: chosen.filter((c) => requests.get(c.collectionId) === undefined) };
}

const requestOf = (deps: Deps, collectionId: string): Promise<CollectionRequest | 'unreadable' | undefined> =>
  deps.collections.request(collectionId).catch((error: unknown) => {
    deps.log.error('dispatch.collectionUnreadable', { collectionId, error: String(error) });
    return 'unreadable' as const;
  });

/** What was not marked is not sent; a poll finds out that nothing came of its attempt. */
const markAlone = (deps: Deps, collectionId: string, drafts: Draft[]): Promise<Intent[]> =>
  markSubmitting(deps, collectionId, drafts).catch((error: unknown) => {
    deps.log.error('dispatch.collectionFailed', { collectionId, error: String(error) });
    return [];
  });

async function markSubmitting(deps: Deps, collectionId: string, drafts: Draft[]): Promise<Intent[]> {
  const at = deps.clock.now();
  const ids = drafts.map((d) => d.candidate.taskId);
  const changed = await changeCollection(deps, collectionId, ids, (collection, tasks, now) => {
    const current = drafts.filter((d) => isCurrent(d, collection, tasks, now));
    return applyTaskEvents(
      collection,
      tasks,
      current.map((d) => submittingEvent(d, at)),
      now,
    );
  });
  const tasks = new Map(changed?.tasks.map((t) => [t.taskId, t]));
  const intents = drafts.flatMap(({ candidate, attempt }) => {
    const task = tasks.get(candidate.taskId);
    return task?.state === 'submitting' && task.attemptId === attempt.attemptId ? [{ attempt, task }] : [];
  });
  const lost = drafts.filter((d) => !intents.some((i) => i.attempt === d.attempt));
  await giveBack(
    deps,
    lost.map((d) => d.attempt),
  );
  const stale = lost.filter(({ candidate }) => {
    const task = tasks.get(candidate.taskId);
    if (changed && task && taskAgendaKey(changed.collection, task) === candidate.key) return false;
    return !changed || isStaleTurn(candidate.key, task, at, candidate.writtenAt);
  });
  await dropAgendaRows(
    deps,
    stale.map((d) => d.candidate.key),
  );
  return intents;
}

/**
 * An agenda row may be stale, or early: only the one that the task itself would write counts. An intent may be stale too:
 * whoever was held up since leaves the task alone, because a poll may have given the attempt up (`adopt-actions`).
 */
function isCurrent({ candidate, attempt }: Draft, collection: Collection, tasks: Task[], now: EpochMs): boolean {
  const task = tasks.find((t) => t.taskId === candidate.taskId);
  const fresh = now <= attempt.intentAt + PATIENCE.intentFreshMs;
  return fresh && task !== undefined && taskAgendaKey(collection, task) === candidate.key;
}

const submittingEvent = ({ candidate, attempt }: Draft, at: EpochMs): TaskChange => ({
  taskId: candidate.taskId,
  event: { type: 'submitting', at, attemptId: attempt.attemptId },
});

/** Removes attempts for which no call was made, with their permits and slots. */
export async function giveBack(deps: Deps, attempts: Attempt[]): Promise<void> {
  for (const attempt of attempts) {
    const row = await deps.work.attempt(attempt.tenantId, attempt.attemptId);
    if (row) await deps.work.commit(attempt.tenantId, { removeAttempts: [row] });
  }
}
