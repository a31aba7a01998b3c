import { dueKey, type ListName, listKey, listsPartition, readListKey, removedPartition } from '../domain/index-keys.ts';
import { mayRemove, type RemovedCollection, rememberedOf, removalRange } from '../domain/retention.ts';
import type { EpochMs } from '../domain/time.ts';
import { allTasks } from './all-tasks.ts';
import { caseList, machineList } from './collection-lists.ts';
import type { Deps } from './deps.ts';

const PAGE = 100;
/** Collections that one run looks at. */
const MOST_LOOKED_AT = 5_000;
/** Rows of one collection that are cleared at a time. */
const ROWS_AT_ONCE = 1_000;

/**
 * Removes the state of collections that ended longer ago than it is kept. Goes through the list of all collections from
 * the newest that may be among them; their own row of that list goes last, and leads back to one that a crash left half
 * removed.
 *
 * @param after where the run before left off
 * @returns how many went, and where the next run goes on, if this one did not come to the end
 */
export async function removeEnded(
  deps: Deps,
  until: EpochMs,
  after: string | undefined,
): Promise<{ removed: number; after?: string }> {
  const partition = listsPartition(deps.settings.tenantId);
  const range = removalRange(deps.settings.retentionMs, deps.clock.now());
  const inUse = await collectionsInUse(deps);
  let from = after !== undefined && after > range.from ? after : range.from;
  let removed = 0;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
    const page = await deps.index.range(partition, { from, to: range.to, top: PAGE });
    for (const { key } of page.value) {
      if (deps.clock.now() >= until) return { removed, after: key };
      if (await removeIfOver(deps, key, inUse)) removed += 1;
      from = `${key}.`;
    }
    if (page.continuation === undefined) return { removed };
  }
  return { removed, after: from };
}

/** What open work names stays, whatever its header says. */
async function collectionsInUse(deps: Deps): Promise<ReadonlySet<string>> {
  const { attempts, jobs } = await deps.work.load(deps.settings.tenantId);
  const owed = jobs.flatMap(({ value }) => [value.task, ...(value.others ?? [])]);
  const refs = [...attempts.flatMap(({ value }) => value.tasks), ...owed];
  return new Set(refs.map(({ collectionId }) => collectionId));
}

/** @returns whether a collection went */
async function removeIfOver(deps: Deps, key: string, inUse: ReadonlySet<string>): Promise<boolean> {
  const collectionId = readListKey(key);
  if (collectionId === undefined || inUse.has(collectionId)) return false;
  try {
    return await removeOne(deps, collectionId, key);
  } catch (error) {
    // One that cannot be read, or not be removed, must not keep the others.
    deps.log.error('housekeeping.collectionFailed', { collectionId, error: String(error) });
    return false;
  }
}

async function removeOne(deps: Deps, collectionId: string, key: string): Promise<boolean> {
  const header = await deps.collections.header(collectionId);
  if (!header) {
    const memory = await deps.collections.removed(collectionId);
    if (memory) await clearRest(deps, memory.value);
    else await deps.index.write(listsPartition(deps.settings.tenantId), { remove: [key] });
    return false;
  }
  const now = deps.clock.now();
  if (!mayRemove(header.value, deps.settings.retentionMs, now)) return false;
  const removed = rememberedOf(header.value, now);
  // Before the removal, which only this row leads to forgetting; without it the row is stale and dropped in its time.
  const row = { key: dueKey(removed.forgetAt, collectionId) };
  await deps.index.write(removedPartition(removed.tenantId), { put: [row] });
  if ((await deps.collections.remove(header, removed)) === 'conflict') return false;
  await clearRest(deps, removed);
  return true;
}

/** Everything else of a collection whose header is gone; may be repeated. */
export async function clearRest(deps: Deps, removed: RemovedCollection): Promise<void> {
  const { collectionId } = removed;
  const partition = listsPartition(removed.tenantId);
  const rows = (lists: ListName[]) => ({ remove: lists.map((list) => listKey(list, removed)) });
  // The tasks tell in which lists it stands: those rows go before them.
  await deps.index.write(partition, rows(await listsOf(deps, removed)));
  while ((await deps.collections.clear(collectionId, ROWS_AT_ONCE)) === ROWS_AT_ONCE);
  await deps.index.write(partition, rows(['all']));
}

/** A crash may have left its row among the open ones as well. */
async function listsOf(deps: Deps, { collectionId, state, caseId }: RemovedCollection): Promise<ListName[]> {
  const tasks = await allTasks(deps, collectionId);
  const machines = new Set(tasks.flatMap(({ machineId }) => machineId ?? []));
  const cases = caseId === undefined ? [] : [caseList(caseId)];
  return ['state|open', `state|${state}`, ...cases, ...[...machines].map(machineList)];
}
