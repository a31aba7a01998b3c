import type { Collection, CollectionState, Outcome } from './collection.ts';
import type { CustodyEntry } from './custody.ts';
import { failureOf } from './failures/failure-codes.ts';
import type { Task } from './task.ts';
import { custodyOfTask } from './task-custody.ts';
import type { TaskEvent } from './task-events.ts';
import { transition } from './task-transitions.ts';
import type { EpochMs } from './time.ts';

export interface TaskChange {
  taskId: string;
  event: TaskEvent;
}

export interface CollectionDelta {
  collection: Collection;
  /** Only tasks that changed. */
  tasks: Task[];
  entries: CustodyEntry[];
}

/**
 * Applies events to some tasks of a collection and keeps the header true: counts by state, `closing` once all has ended.
 * A task that falls back to waiting in a collection that was cancelled or has expired ends there and then. Returns
 * `undefined` when nothing changes, so that a repeated event costs no write.
 */
export function applyTaskEvents(
  collection: Collection,
  tasks: Task[],
  changes: TaskChange[],
  now: EpochMs,
): CollectionDelta | undefined {
  const current = new Map(tasks.map((t) => [t.taskId, t]));
  const touched = new Set<string>();
  const entries: CustodyEntry[] = [];
  for (const { taskId, event } of changes) {
    for (const each of inOrder(event, stopEvent(collection, now))) {
      const from = current.get(taskId);
      if (!from || !each) continue;
      const after = transition(from, each);
      if (after === from) continue;
      entries.push(...custodyOfTask(from, after, each));
      current.set(taskId, after);
      touched.add(taskId);
    }
  }
  if (touched.size === 0) return undefined;
  const changed = [...touched].flatMap((id) => current.get(id) ?? []);
  const counted = recount(collection, tasks, changed);
  const { collection: closed, entries: closing } = closeIfAllEnded({ ...counted, updatedAt: now }, now);
  return { collection: closed, tasks: changed, entries: [...entries, ...closing] };
}

const STARTS: ReadonlySet<TaskEvent['type']> = new Set(['submitting', 'joined', 'reused']);

/** Nothing new starts in a collection that is being stopped, and what falls back to waiting ends. */
function inOrder(event: TaskEvent, stop: TaskEvent | undefined): (TaskEvent | undefined)[] {
  return stop && STARTS.has(event.type) ? [stop] : [event, stop];
}

/** What ends a waiting task of this collection now, if anything does. */
export function stopEvent(collection: Collection, now: EpochMs): TaskEvent | undefined {
  if (collection.cancel) return { type: 'stopped', at: now, state: 'cancelled', failure: failureOf('Cancelled') };
  if (now >= collection.expiresAt) return { type: 'stopped', at: now, state: 'expired', failure: failureOf('Expired') };
  return undefined;
}

/** Counts by state after `changed` replaced their earlier selves in `before`; tasks not in `before` are new. */
export function recount(collection: Collection, before: Task[], changed: Task[], removed: Task[] = []): Collection {
  const counts = { ...collection.counts };
  const earlier = new Map(before.map((t) => [t.taskId, t]));
  for (const task of changed) {
    const was = earlier.get(task.taskId);
    if (was) counts[was.state] -= 1;
    else counts.total += 1;
    counts[task.state] += 1;
  }
  for (const task of removed) {
    counts[task.state] -= 1;
    counts.total -= 1;
  }
  return { ...collection, counts };
}

/** Starts the closing, once: all targets are tasks and all tasks have ended. */
export function closeIfAllEnded(
  collection: Collection,
  now: EpochMs,
): { collection: Collection; entries: CustodyEntry[] } {
  if (collection.closing || !collection.expanded || openTasks(collection) > 0) return { collection, entries: [] };
  const outcome = outcomeOf(collection);
  const closing = { at: now, outcome, state: endState(collection, outcome, now) };
  return {
    collection: { ...collection, closing, dueAt: now, updatedAt: now },
    entries: [{ at: now, type: 'collection.closing', actor: 'holdfast', data: { outcome, state: closing.state } }],
  };
}

export function openTasks({ counts }: Collection): number {
  return counts.total - counts.archived - counts.partial - counts.failed - counts.cancelled - counts.expired;
}

/** `complete` when every task is archived, `partial` when anything is, else `none`. */
function outcomeOf({ counts }: Collection): Outcome {
  if (counts.total > 0 && counts.archived === counts.total) return 'complete';
  return counts.archived + counts.partial > 0 ? 'partial' : 'none';
}

/** `cancelled` when it was cancelled before all tasks had ended, `expired` likewise, `failed` when the outcome is `none`. */
function endState(collection: Collection, outcome: Outcome, now: EpochMs): CollectionState {
  if (collection.cancel) return 'cancelled';
  if (now >= collection.expiresAt) return 'expired';
  return outcome === 'none' ? 'failed' : 'completed';
}
