import type { CollectionView } from '../contracts/collection-view.ts';
import type { TaskView } from '../contracts/task-view.ts';
import { type Collection, emptyCounts } from '../domain/collection.ts';
import { initialTasks } from '../domain/initial-tasks.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import { isWaiting, type Task } from '../domain/task.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { queueSnapshot, waitingFacts } from './queue-snapshot.ts';
import { collectionView } from './views/collection-view.ts';
import { taskView, type WaitingFacts } from './views/task-view.ts';

/** Tasks that an answer holds; the others are behind a link. */
export const TASKS_SHOWN = 100;

export interface ReadCollection {
  collection: Collection;
  /** Without `tasksNextLink`: only whoever answers knows the address. */
  view: CollectionView;
  tasks: Task[];
  /** Of the next tasks, if there are more. */
  continuation?: string;
}

/** A collection with its first tasks, from rows alone: a status answer never costs a Defender call. */
export async function readCollection(deps: Deps, collectionId: string): Promise<ReadCollection | undefined> {
  const [header, request, page] = await Promise.all([
    deps.collections.header(collectionId),
    deps.collections.request(collectionId),
    deps.collections.tasks(collectionId, { top: TASKS_SHOWN }),
  ]);
  if (!header || !request) return undefined;
  return shown(deps, header.value, request, page.value, page.continuation);
}

/** As the answer to the request itself shows it: nothing has happened yet. */
export function readAccepted(collection: Collection, request: CollectionRequest): CollectionView {
  return collectionView(collection, request, comingTasks(collection, request, []));
}

async function shown(
  deps: Deps,
  collection: Collection,
  request: CollectionRequest,
  rows: Task[],
  continuation: string | undefined,
): Promise<ReadCollection> {
  const tasks = collection.expanded ? rows : [...rows, ...comingTasks(collection, request, rows)].slice(0, TASKS_SHOWN);
  const waiting = await factsFor(deps, collection, tasks);
  const view = collectionView(collection, request, tasks, waiting ? { waiting } : {});
  return { collection, view, tasks, ...(continuation === undefined ? {} : { continuation }) };
}

/** Targets whose rows are not written yet, as the tasks that they will be: ids derive from the request. */
function comingTasks(collection: Collection, request: CollectionRequest, rows: Task[]): Task[] {
  const room = TASKS_SHOWN - rows.length;
  const from = collection.expandedTargets;
  const coming = initialTasks({ ...collection, counts: emptyCounts() }, request, { from, to: from + room }, sha256Hex);
  const known = new Set(rows.map((t) => t.taskId));
  return coming.filter((t) => !known.has(t.taskId));
}

async function factsFor(deps: Deps, collection: Collection, tasks: Task[]): Promise<WaitingFacts | undefined> {
  if (!tasks.some((t) => isWaiting(t.state))) return undefined;
  return waitingFacts(await queueSnapshot(deps), collection);
}

/** Further tasks of a collection, page by page. */
export async function readTasks(
  deps: Deps,
  collectionId: string,
  page: { top: number; continuation?: string },
): Promise<{ value: TaskView[]; continuation?: string } | undefined> {
  const [header, request, rows] = await Promise.all([
    deps.collections.header(collectionId),
    deps.collections.request(collectionId),
    deps.collections.tasks(collectionId, page),
  ]);
  if (!header || !request) return undefined;
  const facts = await factsFor(deps, header.value, rows.value);
  return {
    value: rows.value.map((task) => taskView(task, request, facts)),
    ...(rows.continuation === undefined ? {} : { continuation: rows.continuation }),
  };
}
