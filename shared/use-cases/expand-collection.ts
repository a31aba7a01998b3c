import type { Collection } from '../domain/collection.ts';
import { closeIfAllEnded, recount, stopEvent } from '../domain/collection-changes.ts';
import { initialTasks } from '../domain/initial-tasks.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import type { Task } from '../domain/task.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { resolveTargets } from './resolve-targets.ts';
import { wakeDispatch } from './wake.ts';

/** New task rows in one transaction, well under the store's limit. */
const TASKS_AT_ONCE = 40;

/**
 * Turns a request into tasks: first every row, in order and resumable, so that machine ids start at once; then the
 * targets that Defender must name. Safe to run twice, and on two instances.
 */
export async function expandCollection(deps: Deps, collectionId: string): Promise<void> {
  const request = await deps.collections.request(collectionId);
  if (!request) return;
  const collection = await writeTasks(deps, collectionId, request);
  if (!collection || collection.expanded) return;
  deps.checkpoint('expand.afterTasks');
  await wakeDispatch(deps);
  const done = await resolveTargets(deps, collection, request);
  if (!done) return;
  deps.checkpoint('expand.beforeResolved');
  await markExpanded(deps, collectionId);
  await wakeDispatch(deps);
}

async function writeTasks(
  deps: Deps,
  collectionId: string,
  request: CollectionRequest,
): Promise<Collection | undefined> {
  for (;;) {
    const changed = await changeCollection(deps, collectionId, [], (collection, _tasks, now) => {
      const from = collection.expandedTargets;
      if (from >= collection.targets || stopEvent(collection, now)) return undefined;
      const to = Math.min(collection.targets, from + TASKS_AT_ONCE);
      const tasks = firstOfEachMachine(request, initialTasks(collection, request, { from, to }, sha256Hex), from);
      return {
        collection: { ...recount(collection, [], tasks), expandedTargets: to, updatedAt: now },
        tasks,
        entries: [],
      };
    });
    const collection = changed?.collection;
    if (!collection || stopEvent(collection, deps.clock.now())) return collection;
    if (collection.expandedTargets >= collection.targets) return collection;
  }
}

/** A machine id asked for twice is one task: that of its first place in the request. */
function firstOfEachMachine(request: CollectionRequest, tasks: Task[], from: number): Task[] {
  const firstAt = new Map<string, number>();
  request.targets.forEach((target, i) => {
    if ('machineId' in target && !firstAt.has(target.machineId)) firstAt.set(target.machineId, i);
  });
  return tasks.filter((task, i) => task.machineId === undefined || firstAt.get(task.machineId) === from + i);
}

/** From here on only expiry, or its own end, must bring a look at the collection. */
async function markExpanded(deps: Deps, collectionId: string): Promise<void> {
  await changeCollection(deps, collectionId, [], (collection, _tasks, now) => {
    if (collection.expanded) return undefined;
    const expanded = { ...collection, expanded: true, dueAt: collection.expiresAt, updatedAt: now };
    const { collection: next, entries } = closeIfAllEnded(expanded, now);
    const told = {
      at: now,
      type: 'collection.expanded' as const,
      actor: 'holdfast',
      data: { tasks: next.counts.total },
    };
    return { collection: next, tasks: [], entries: [told, ...entries] };
  });
}
