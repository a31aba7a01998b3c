import type { CancelReason } from '../domain/attempt.ts';
import type { Collection, RequestedBy } from '../domain/collection.ts';
import { closeIfAllEnded, stopEvent } from '../domain/collection-changes.ts';
import { isWaiting } from '../domain/task.ts';
import { minutes } from '../domain/time.ts';
import { actorOf } from './accept-collection.ts';
import { allTasks } from './all-tasks.ts';
import { type Changed, changeHeader, changeTasks } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { markExpanded, writeTasks } from './expand-collection.ts';
import { giveTurnsBack } from './fair-shares.ts';
import { leaveRuns } from './leave-runs.ts';

/** Until everything has ended, a heartbeat looks after a collection that is being stopped this often. */
const LOOK_AGAIN_MS = minutes(1);

/**
 * Notes the wish to cancel; the same again, and after the end, changes nothing. Waiting tasks end here, and
 * those whose run goes on for others; the rest as soon as Defender's cancel takes effect, and a result that wins the race
 * is kept.
 *
 * @returns `undefined` when there is no such collection
 */
export async function cancelCollection(
  deps: Deps,
  collectionId: string,
  wish: { comment?: string; by: RequestedBy },
): Promise<Collection | undefined> {
  let before: Collection | undefined;
  const changed = await changeHeader(deps, collectionId, (collection, at) => {
    before = collection.cancel || collection.closing ? undefined : collection;
    if (!before) return undefined;
    const cancel = { at, by: wish.by, ...(wish.comment === undefined ? {} : { comment: wish.comment }) };
    return {
      collection: { ...collection, cancel, updatedAt: at, dueAt: at + LOOK_AGAIN_MS },
      entries: [{ at, type: 'collection.cancelRequested', actor: actorOf(wish.by), data: { comment: wish.comment } }],
    };
  });
  if (!changed) return undefined;
  deps.checkpoint('cancel.afterHeader');
  if (changed.collection.closing) return changed.collection;
  const stopped = await stopCollection(deps, changed.collection);
  if (before) await giveTurnsBack(deps, before);
  return stopped?.collection ?? changed.collection;
}

/**
 * Ends what waits, leaves what runs for others too, and asks Defender, by the next poll, to cancel the rest. For a cancel
 * and for expiry alike.
 */
export async function stopCollection(deps: Deps, collection: Collection): Promise<Changed | undefined> {
  const { collectionId } = collection;
  const reason: CancelReason = collection.cancel ? 'requested' : 'expired';
  const request = collection.expanded ? undefined : await deps.collections.request(collectionId);
  if (request) await writeTasks(deps, collectionId, request);
  const at = deps.clock.now();
  const stop = stopEvent(collection, at);
  const tasks = await allTasks(deps, collectionId);
  const waiting = tasks.filter((t) => isWaiting(t.state));
  if (stop)
    await changeTasks(
      deps,
      collectionId,
      waiting.map(({ taskId }) => ({ taskId, event: { ...stop, at } })),
    );
  await leaveRuns(deps, collectionId, tasks, reason);
  return changeHeader(deps, collectionId, (current, now) => {
    const expanded = markExpanded(current, now) ?? closeIfAllEnded(current, now);
    if (expanded.collection.closing) return expanded.collection === current ? undefined : expanded;
    return { ...expanded, collection: { ...expanded.collection, dueAt: now + LOOK_AGAIN_MS } };
  });
}
