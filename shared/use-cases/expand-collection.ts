import type { Collection } from '../domain/collection.ts';
import { closeIfAllEnded, recount, stopEvent } from '../domain/collection-changes.ts';
import type { CustodyEntry } from '../domain/custody.ts';
import type { GivenTurns } from '../domain/fair-turns.ts';
import { initialTasks, placeOf } from '../domain/initial-tasks.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import type { Task } from '../domain/task.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import { changeCollection, changeHeader } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { countDevices, needsTurns, turnsFor } from './fair-shares.ts';
import { resolveTargets } from './resolve-targets.ts';
import { wakeDispatch } from './wake.ts';

/** New task rows in one transaction, well under the store's limit. */
const TASKS_AT_ONCE = 40;
const EXPIRES_SOON_MS = minutes(2);

/**
 * Turns a request into tasks: first every row, in order and resumable, so that machine ids start at once; then the
 * targets that Defender must name. Safe to run twice, and on two instances.
 */
export async function expandCollection(deps: Deps, asRead: Collection): Promise<void> {
  const { collectionId } = asRead;
  const request = await deps.collections.request(collectionId);
  if (!request) return;
  const collection = await writeTasks(deps, collectionId, request, await turnsFor(deps, asRead));
  if (!collection || collection.expanded || stopEvent(collection, deps.clock.now())) return;
  deps.checkpoint('expand.afterTasks');
  await wakeDispatch(deps);
  const done = await resolveTargets(deps, collection, request);
  if (!done) return;
  deps.checkpoint('expand.beforeResolved');
  let byUs = false;
  const expanded = await changeHeader(deps, collectionId, (current, now) => {
    const marked = markExpanded(current, now);
    byUs = marked !== undefined;
    return marked;
  });
  await wakeDispatch(deps);
  await remindOfExpiry(deps, collection);
  if (expanded && byUs) await countDevices(deps, expanded.collection, request);
}

/** A heartbeat reminds of expiries that are further ahead. */
async function remindOfExpiry(deps: Deps, { collectionId, expiresAt }: Collection): Promise<void> {
  const inMs = expiresAt - deps.clock.now();
  if (inMs <= EXPIRES_SOON_MS) await deps.queues.send('collections', { collectionId }, Math.max(0, inMs));
}

/**
 * Writes the task rows that are missing; every target gets its row, so that each is accounted for whatever happens.
 * @param turns for a collection that has none: they are in its header from its first tasks on, and stay
 */
export async function writeTasks(
  deps: Deps,
  collectionId: string,
  request: CollectionRequest,
  turns?: GivenTurns,
): Promise<Collection | undefined> {
  for (;;) {
    const changed = await changeCollection(deps, collectionId, [], (collection, _tasks, now) => {
      const from = collection.expandedTargets;
      if (from >= collection.targets) return undefined;
      const to = Math.min(collection.targets, from + TASKS_AT_ONCE);
      const tasks = firstOfEachMachine(request, initialTasks(collection, request, { from, to }, sha256Hex));
      const counted = recount(collection, [], tasks);
      const first = needsTurns(collection) ? turns : undefined;
      return { collection: { ...counted, ...first, expandedTargets: to, updatedAt: now }, tasks, entries: [] };
    });
    const collection = changed?.collection;
    if (!collection || collection.expandedTargets >= collection.targets) return collection;
  }
}

/** A machine id asked for twice is one task: that of its first place in the request. */
function firstOfEachMachine(request: CollectionRequest, tasks: Task[]): Task[] {
  const firstAt = new Map<string, number>();
  request.targets.forEach((target, i) => {
    if ('machineId' in target && !firstAt.has(target.machineId)) firstAt.set(target.machineId, i);
  });
  return tasks.filter((t) => t.machineId === undefined || firstAt.get(t.machineId) === placeOf(t.taskId));
}

/** From here on only expiry, or its own end, must bring a look at the collection. */
export function markExpanded(
  collection: Collection,
  now: EpochMs,
): { collection: Collection; entries: CustodyEntry[] } | undefined {
  if (collection.expanded) return undefined;
  const dueAt = stopEvent(collection, now) ? collection.dueAt : collection.expiresAt;
  const expanded: Collection = {
    ...collection,
    expanded: true,
    updatedAt: now,
    ...(dueAt === undefined ? {} : { dueAt }),
  };
  const closed = closeIfAllEnded(expanded, now);
  const data = { tasks: expanded.counts.total };
  return {
    collection: closed.collection,
    entries: [{ at: now, type: 'collection.expanded', actor: 'holdfast', data }, ...closed.entries],
  };
}
