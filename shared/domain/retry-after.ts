import { type Collection, collectionState } from './collection.ts';
import { openTasks } from './collection-changes.ts';
import type { Task } from './task.ts';
import type { EpochMs } from './time.ts';

const SHORTEST_S = 5;
const LONGEST_S = 60;
/** While only sleeping devices are open, nothing changes soon. */
const ASLEEP_S = 300;

/**
 * When a caller should ask again, in seconds: soon at first and while results are being stored, then rarer, up to a
 * minute; five minutes only while nothing but sleeping devices is open.
 */
export function retryAfterSeconds(collection: Collection, tasks: readonly Task[], now: EpochMs): number {
  if (onlySleepers(collection, tasks)) return ASLEEP_S;
  if (collectionState(collection) === 'archiving') return SHORTEST_S;
  const ageS = Math.max(0, now - collection.createdAt) / 1_000;
  return Math.min(LONGEST_S, SHORTEST_S + Math.floor(ageS / 10));
}

function onlySleepers(collection: Collection, tasks: readonly Task[]): boolean {
  const open = openTasks(collection);
  if (open === 0 || !collection.expanded) return false;
  // Tasks that are not at hand may be anything else.
  return tasks.filter((t) => t.waiting?.reason === 'MachineAsleep').length === open;
}
