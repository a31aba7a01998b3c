import { type Collection, collectionState } from './collection.ts';
import { openTasks } from './collection-changes.ts';
import type { Task } from './task.ts';
import type { EpochMs } from './time.ts';

const SHORTEST_S = 5;
const LONGEST_S = 60;
/** While only sleeping devices are open, nothing changes soon. */
const ASLEEP_S = 300;

/**
 * When a caller should ask again, in seconds: soon at first and while results are being stored, then rarer, and not before
 * its first task may start, up to a minute; five minutes only while nothing but sleeping devices is open.
 *
 * @param firstStartAt when the first task that waits may start; absent: not known
 */
export function retryAfterSeconds(
  collection: Collection,
  tasks: readonly Task[],
  now: EpochMs,
  firstStartAt: EpochMs = now,
): number {
  if (onlySleepers(collection, tasks)) return ASLEEP_S;
  if (collectionState(collection) === 'archiving') return SHORTEST_S;
  const ageS = Math.max(0, now - collection.createdAt) / 1_000;
  const idleS = onlyWaits(collection) ? Math.ceil((firstStartAt - now) / 1_000) : 0;
  return Math.min(LONGEST_S, Math.max(SHORTEST_S + Math.floor(ageS / 10), idleS));
}

function onlyWaits(collection: Collection): boolean {
  const { queued, parked } = collection.counts;
  return openTasks(collection) === queued + parked;
}

function onlySleepers(collection: Collection, tasks: readonly Task[]): boolean {
  const open = openTasks(collection);
  if (open === 0 || !collection.expanded) return false;
  // Tasks that are not at hand may be anything else.
  return tasks.filter((t) => t.waiting?.reason === 'MachineAsleep').length === open;
}
