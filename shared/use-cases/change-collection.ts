import type { Collection } from '../domain/collection.ts';
import { applyTaskEvents, type CollectionDelta, type TaskChange } from '../domain/collection-changes.ts';
import { type CustodyEntry, datedInOrder } from '../domain/custody.ts';
import {
  collectionAgendaKey,
  collectionsAgenda,
  listKey,
  listsPartition,
  stateList,
  taskAgendaKey,
  tasksAgenda,
} from '../domain/index-keys.ts';
import { type Task, waitingSince } from '../domain/task.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import type { IndexRow, Versioned } from '../ports.ts';
import { listsOf, machineList } from './collection-lists.ts';
import type { Deps } from './deps.ts';
import { requesterName } from './fair-shares.ts';

/** Concurrent writers of one header are few; losing so often in a row means something is wrong. */
const MOST_CONFLICTS = 50;
/** Well under the time after which a row without its change is dropped (`isStaleTurn`). Ours. */
const HELD_UP_MS = minutes(1);
/** Rows of one change: each task brings at most a few custody entries (CollectionStore.commit allows 40 and 50). */
const TASKS_PER_CHANGE = 15;

export interface Changed {
  collection: Collection;
  /** The tasks as they are now, changed or not. */
  tasks: Task[];
}

/**
 * Applies task events to one collection, however many tasks they touch: loads, decides, saves, and decides again when
 * another instance was faster. Returns `undefined` when the collection does not exist.
 */
export async function changeTasks(
  deps: Deps,
  collectionId: string,
  changes: TaskChange[],
): Promise<Changed | undefined> {
  let result: Changed | undefined;
  for (let start = 0; start < changes.length; start += TASKS_PER_CHANGE) {
    const slice = changes.slice(start, start + TASKS_PER_CHANGE);
    const ids = [...new Set(slice.map((c) => c.taskId))];
    const part = await changeCollection(deps, collectionId, ids, (collection, tasks, now) =>
      applyTaskEvents(collection, tasks, slice, now),
    );
    if (!part) return undefined;
    result = { collection: part.collection, tasks: [...(result?.tasks ?? []), ...part.tasks] };
  }
  return result;
}

export type Delta = CollectionDelta & { removed?: Task[] };

/**
 * The one way in which a collection changes. `decide` sees the present and returns the change, or `undefined` for none;
 * it is called again after a conflict. Agenda and list rows are written before the change that needs them and removed
 * after the change that outdates them: a crash in between leaves a stale row, never a missing one.
 */
export async function changeCollection(
  deps: Deps,
  collectionId: string,
  taskIds: string[],
  decide: (collection: Collection, tasks: Task[], now: number) => Delta | undefined,
): Promise<Changed | undefined> {
  for (let round = 0; round < MOST_CONFLICTS; round += 1) {
    const header = await deps.collections.header(collectionId);
    if (!header) return undefined;
    // After the header: its etag vouches for tasks that were read later, never for tasks that were read before.
    const tasks = taskIds.length === 0 ? [] : await deps.collections.tasksById(collectionId, taskIds);
    const delta = decide(header.value, tasks, deps.clock.now());
    if (!delta) return { collection: header.value, tasks };
    const saved = await save(deps, header, tasks, delta);
    if (saved) return saved;
  }
  throw new Error(`collection ${collectionId} was changed by others ${MOST_CONFLICTS} times in a row`);
}

async function save(
  deps: Deps,
  header: Versioned<Collection>,
  before: Task[],
  delta: Delta,
): Promise<Changed | undefined> {
  const startedAt = deps.clock.now();
  const moves = indexMoves(header.value, before, delta, startedAt);
  await writeIndex(deps, delta.collection, moves.put, 'put');
  // Rows that wait long for their change count as stale and are dropped: who was held up writes them anew.
  const heldUp = (): boolean => deps.clock.now() > startedAt + HELD_UP_MS;
  if (heldUp()) return undefined;
  const { updatedAt } = header.value;
  const committed = await deps.collections.commit({
    header: {
      etag: header.etag,
      value: { ...delta.collection, updatedAt: Math.max(delta.collection.updatedAt, updatedAt) },
    },
    tasks: delta.tasks,
    events: datedInOrder(delta.entries, updatedAt),
    ...(delta.removed ? { removedTaskIds: delta.removed.map((t) => t.taskId) } : {}),
  });
  if (committed === 'conflict') return undefined;
  if (heldUp()) await writeIndex(deps, delta.collection, moves.put, 'put');
  await writeIndex(deps, delta.collection, moves.remove, 'remove');
  if (delta.collection.closing && !header.value.closing)
    await deps.queues.send('collections', { collectionId: header.value.collectionId });
  const changed = new Map(delta.tasks.map((t) => [t.taskId, t]));
  return { collection: committed.value, tasks: before.map((t) => changed.get(t.taskId) ?? t) };
}

interface IndexMoves {
  put: { tasks: IndexRow[]; collections: IndexRow[]; lists: IndexRow[] };
  remove: { tasks: string[]; collections: string[]; lists: string[] };
}

function indexMoves(was: Collection, before: Task[], delta: Delta, now: EpochMs): IndexMoves {
  const { collection } = delta;
  const moves: IndexMoves = {
    put: { tasks: [], collections: [], lists: [] },
    remove: { tasks: [], collections: [], lists: [] },
  };
  const move = (part: 'collections' | 'lists', from: string | undefined, to: string | undefined): void => {
    if (from === to) return;
    if (to) moves.put[part].push({ key: to });
    if (from) moves.remove[part].push(from);
  };
  move('collections', collectionAgendaKey(was), collectionAgendaKey(collection));
  move('lists', listKey(stateList(was), was), listKey(stateList(collection), collection));
  // Whoever accepted it may have crashed before the lists named it, and nobody has to ask again.
  if (was.expandedTargets === 0 && collection.expandedTargets > 0)
    moves.put.lists.push(...listsOf(collection).map((list) => ({ key: listKey(list, collection) })));
  const earlier = new Map(before.map((t) => [t.taskId, t]));
  for (const task of delta.tasks) moveTask(moves, collection, earlier.get(task.taskId), task, now);
  for (const task of delta.removed ?? []) moveTask(moves, collection, task, undefined, now);
  return moves;
}

function moveTask(
  moves: IndexMoves,
  collection: Collection,
  from: Task | undefined,
  to: Task | undefined,
  now: EpochMs,
): void {
  const old = from && taskAgendaKey(collection, from);
  const key = to && taskAgendaKey(collection, to);
  if (to && key && key !== old) moves.put.tasks.push({ key, value: agendaValue(collection, to, now) });
  if (old && key !== old) moves.remove.tasks.push(old);
  if (to?.machineId && !from?.machineId) {
    const { run } = collection;
    const key = listKey(machineList(to.machineId), collection);
    // Who asks for the same again finds the task by its device.
    moves.put.lists.push({ key, ...(run === undefined ? {} : { value: { taskId: to.taskId, run } }) });
  }
}

/** What the dispatcher needs of a candidate without loading its row. */
function agendaValue(collection: Collection, task: Task, now: EpochMs): Record<string, string | number> {
  const { run, kind } = collection;
  return {
    machineId: task.machineId ?? '',
    requester: requesterName(collection),
    asleep: task.waiting?.reason === 'MachineAsleep' && !task.waiting.woken ? 1 : 0,
    rests: task.waiting?.rests && !task.waiting.woken ? 1 : 0,
    since: waitingSince(task),
    writtenAt: now,
    ...(run === undefined ? {} : { run }),
    ...(kind === undefined ? {} : { kind }),
    ...(task.waiting?.alone ? { alone: 1 } : {}),
    ...(task.platform === undefined ? {} : { platform: task.platform }),
  };
}

async function writeIndex(
  deps: Deps,
  { tenantId }: Collection,
  rows: IndexMoves['put'] | IndexMoves['remove'],
  mode: 'put' | 'remove',
): Promise<void> {
  const partitions = {
    tasks: tasksAgenda(tenantId),
    collections: collectionsAgenda(tenantId),
    lists: listsPartition(tenantId),
  };
  for (const part of ['tasks', 'collections', 'lists'] as const) {
    if (rows[part].length > 0) await deps.index.write(partitions[part], { [mode]: rows[part] });
  }
}

/** A change of the header alone, with the custody entries that tell of it. */
export function changeHeader(
  deps: Deps,
  collectionId: string,
  decide: (collection: Collection, now: number) => { collection: Collection; entries?: CustodyEntry[] } | undefined,
): Promise<Changed | undefined> {
  return changeCollection(deps, collectionId, [], (collection, _tasks, now) => {
    const change = decide(collection, now);
    return change && { collection: change.collection, tasks: [], entries: change.entries ?? [] };
  });
}
