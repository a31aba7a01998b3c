import type { CollectionView } from '../contracts/collection-view.ts';
import type { TaskView } from '../contracts/task-view.ts';
import { type Collection, emptyCounts } from '../domain/collection.ts';
import { ForeignContinuation } from '../domain/foreign-continuation.ts';
import { initialTasks } from '../domain/initial-tasks.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import { isWaiting, type Task } from '../domain/task.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Page } from '../ports.ts';
import { allTasks } from './all-tasks.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { type QueueFacts, queueSnapshot, waitingFacts } from './queue-snapshot.ts';
import { collectionView } from './views/collection-view.ts';
import { taskView, type WaitingFacts } from './views/task-view.ts';

/** Tasks that an answer holds; the others are behind a link. */
export const TASKS_SHOWN = 100;

/** A collection as an answer shows it, and how to go on to the tasks that it does not show. */
export interface ShownCollection {
  /** Without `tasksNextLink`: only whoever answers knows the address. */
  view: CollectionView;
  /** Of the next tasks, if there are more. */
  continuation?: string;
}

export interface ReadCollection extends ShownCollection {
  collection: Collection;
  tasks: Task[];
  /** When the first task that waits for its turn may start. */
  firstStartAt?: EpochMs;
}

/** A collection with its first tasks, from rows alone: a status answer never costs a Defender call. */
export async function readCollection(deps: Deps, collectionId: string): Promise<ReadCollection | undefined> {
  const [header, request, rows] = await Promise.all([
    deps.collections.header(collectionId),
    deps.collections.request(collectionId),
    deps.collections.tasks(collectionId, { top: TASKS_SHOWN }),
  ]);
  if (!header || !request) return undefined;
  const collection = header.value;
  const page = allWritten(collection) ? rows : await comingPage(deps, collection, request, { top: TASKS_SHOWN });
  const tasks = page.value;
  const waiting = await factsFor(deps, collection, tasks);
  const firstStartAt = waiting?.firstStartAt;
  return {
    collection,
    tasks,
    ...shown(collection, request, page, waiting),
    ...(firstStartAt === undefined ? {} : { firstStartAt }),
  };
}

/** As the answer to the request itself shows it: nothing has happened yet. */
export function readAccepted(collection: Collection, request: CollectionRequest): ShownCollection {
  return shown(collection, request, pageAfter(withComing(collection, request, []), { top: TASKS_SHOWN }));
}

function shown(
  collection: Collection,
  request: CollectionRequest,
  page: Page<Task>,
  waiting?: WaitingFacts,
): ShownCollection {
  const view = collectionView(collection, request, page.value, waiting ? { waiting } : {});
  return { view, ...(page.continuation === undefined ? {} : { continuation: page.continuation }) };
}

const allWritten = ({ expandedTargets, targets }: Collection): boolean => expandedTargets >= targets;

/** The written tasks and, where rows are still to come, the tasks that they will be: ids derive from the request. */
function withComing(collection: Collection, request: CollectionRequest, rows: Task[]): Task[] {
  const { expandedTargets: from, targets: to } = collection;
  const coming = initialTasks({ ...collection, counts: emptyCounts() }, request, { from, to }, sha256Hex);
  const known = new Set(rows.map((t) => t.taskId));
  return [...rows, ...coming.filter((t) => !known.has(t.taskId))];
}

/** A page while rows are being written, in the first moments of a collection. */
async function comingPage(
  deps: Deps,
  collection: Collection,
  request: CollectionRequest,
  page: { top: number; continuation?: string },
): Promise<Page<Task>> {
  return pageAfter(withComing(collection, request, await allTasks(deps, collection.collectionId)), page);
}

/** Continues after a task id, written or not: the store's own continuations name rows. */
function pageAfter(tasks: Task[], { top, continuation }: { top: number; continuation?: string }): Page<Task> {
  const value = tasks.filter((t) => continuation === undefined || t.taskId > continuation).slice(0, top);
  const last = value.at(-1)?.taskId;
  return last !== undefined && last !== tasks.at(-1)?.taskId ? { value, continuation: last } : { value };
}

/** What `pageAfter` continues with. */
const isTaskId = (continuation: string): boolean => /^\d{4}-[0-9a-f]{12}$/.test(continuation);

async function factsFor(deps: Deps, collection: Collection, tasks: Task[]): Promise<QueueFacts | undefined> {
  if (!tasks.some((t) => isWaiting(t.state))) return undefined;
  const facts = waitingFacts(await queueSnapshot(deps), collection.collectionId, deps.clock.now());
  return collection.resolveFaults > 0 ? { ...facts, unresolvedReason: 'DefenderUnavailable' } : facts;
}

/** Further tasks of a collection, page by page. */
export async function readTasks(
  deps: Deps,
  collectionId: string,
  page: { top: number; continuation?: string },
): Promise<{ value: TaskView[]; continuation?: string } | undefined> {
  const [header, request] = await Promise.all([
    deps.collections.header(collectionId),
    deps.collections.request(collectionId),
  ]);
  if (!header || !request) return undefined;
  const afterTask = page.continuation !== undefined && isTaskId(page.continuation);
  const byId = afterTask || !allWritten(header.value);
  if (byId && !afterTask && page.continuation !== undefined) throw new ForeignContinuation();
  const rows = byId
    ? await comingPage(deps, header.value, request, page)
    : await deps.collections.tasks(collectionId, page);
  const facts = await factsFor(deps, header.value, rows.value);
  return {
    value: rows.value.map((task) => taskView(task, request, facts)),
    ...(rows.continuation === undefined ? {} : { continuation: rows.continuation }),
  };
}
