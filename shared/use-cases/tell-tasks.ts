import type { Attempt, ServedTask } from '../domain/attempt.ts';
import type { Collection } from '../domain/collection.ts';
import { applyTaskEvents } from '../domain/collection-changes.ts';
import { firstHeard, isSameTask } from '../domain/run-sharing.ts';
import type { SubmitRefusal } from '../domain/submit-outcome.ts';
import type { Task } from '../domain/task.ts';
import type { TaskEvent } from '../domain/task-events.ts';
import { transition } from '../domain/task-transitions.ts';
import type { EpochMs } from '../domain/time.ts';
import type { WorkChange } from '../ports.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';

/** What becomes of a task of an attempt, decided from the task as it is. */
export type EventsOf = (task: Task, at: EpochMs, served: ServedTask) => TaskEvent[];

/** One task of an attempt and what it is to be told. */
export interface Word {
  attempt: Attempt;
  served: ServedTask;
  eventsOf: EventsOf;
}

/** A task after it was told; it may be one that its attempt serves no more. Absent: there is none. */
export interface Told {
  served: ServedTask;
  collection?: Collection;
  task?: Task;
}

/** Other writers are few; losing so often in a row means something is wrong. */
const MOST_CONFLICTS = 50;

/** Tells tasks of one collection in one transaction; whoever has not heard of the attempt hears of it first. */
export async function tellCollection(deps: Deps, collectionId: string, words: readonly Word[]): Promise<Told[]> {
  const taskOf = (tasks: Task[], { served }: Word) => tasks.find((t) => t.taskId === served.taskId);
  const ids = [...new Set(words.map(({ served }) => served.taskId))];
  const changed = await changeCollection(deps, collectionId, ids, (collection, tasks, now) => {
    const changes = words.flatMap((word) => {
      const task = taskOf(tasks, word);
      return task ? eventsFor(word, task, now).map((event) => ({ taskId: task.taskId, event })) : [];
    });
    return applyTaskEvents(collection, tasks, changes, now);
  });
  return words.map((word) => {
    const task = changed && taskOf(changed.tasks, word);
    return { served: word.served, ...(changed && task ? { collection: changed.collection, task } : {}) };
  });
}

function eventsFor({ attempt, served, eventsOf }: Word, task: Task, now: EpochMs): TaskEvent[] {
  const first = firstHeard(served, attempt, task, now);
  return [...first, ...eventsOf(first.reduce(transition, task), now, served)];
}

/** Tells tasks that an attempt serves, collections side by side. */
export async function tellTasks(
  deps: Deps,
  attempt: Attempt,
  eventsOf: EventsOf,
  served: readonly ServedTask[] = attempt.tasks,
): Promise<Told[]> {
  const words = served.map((one) => ({ attempt, served: one, eventsOf }));
  const byCollection = Map.groupBy(words, (word) => word.served.collectionId);
  const told = await Promise.all([...byCollection].map(([id, group]) => tellCollection(deps, id, group)));
  return told.flat();
}

/**
 * Ends an attempt's row, once every task that it serves has been told: also those that join until the very end, so that
 * none is left with an attempt that is over.
 *
 * @param before who has been told already
 * @param concerns who is told at all; absent: everybody
 * @param end the change that ends the row
 */
export async function endAttempt(
  deps: Deps,
  { tenantId, attemptId }: Attempt,
  how: {
    eventsOf: EventsOf;
    before?: readonly Told[];
    concerns?(served: ServedTask): boolean;
    end(row: { value: Attempt; etag: string }, told: readonly Told[]): WorkChange | Promise<WorkChange>;
  },
): Promise<'ended' | 'wasOver'> {
  let told = [...(how.before ?? [])];
  for (let round = 0; round < MOST_CONFLICTS; round += 1) {
    const row = await deps.work.attempt(tenantId, attemptId);
    if (!row || row.value.state === 'archiving' || row.value.state === 'closed') return 'wasOver';
    const concerned = row.value.tasks.filter((served) => how.concerns?.(served) ?? true);
    const untold = concerned.filter((served) => !told.some((t) => isSameTask(t.served, served)));
    if (untold.length > 0) told = [...told, ...(await tellTasks(deps, row.value, how.eventsOf, untold))];
    if ((await deps.work.commit(tenantId, await how.end(row, told))) === 'written') return 'ended';
  }
  throw new Error(`attempt ${attemptId} was changed by others ${MOST_CONFLICTS} times in a row`);
}

/** What a refusal means for each task of the attempt; one that is in another attempt, or has ended, is not concerned. */
export function eventsOfRefusal(
  { attemptId }: Attempt,
  refusalOf: (task: Task, at: EpochMs) => SubmitRefusal,
): EventsOf {
  return (task, at) => {
    if (task.attemptId !== attemptId) return [];
    const refusal = refusalOf(task, at);
    if (refusal.kind === 'setBack') {
      const { to, waiting, cause } = refusal;
      return [{ type: 'setBack', at, attemptId, to, waiting, cause }];
    }
    return [
      { type: 'setBack', at, attemptId, to: 'queued', waiting: {}, cause: 'refused' },
      { type: 'stopped', at, state: 'failed', failure: refusal.failure },
    ];
  };
}
