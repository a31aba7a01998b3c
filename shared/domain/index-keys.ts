import { type Collection, collectionState } from './collection.ts';
import { turnOf } from './fair-turns.ts';
import type { Priority } from './request/collection-request.ts';
import { isWaiting, type Task, waitingSince } from './task.ts';
import { type EpochMs, minutes } from './time.ts';

/**
 * Keys of the sorted index. Two agendas say what must be looked at when, lists answer `GET /api/collections`. Every key
 * derives from the row it stands for: one that does not match its row any more is stale and is dropped when it is met.
 */

const LANES = { urgent: '1', normal: '2', bulk: '3' } as const satisfies Record<Priority, string>;
const PRIORITY_OF: Partial<Record<string, Priority>> = { 1: 'urgent', 2: 'normal', 3: 'bulk' };
/** Epoch ms has 13 digits until the year 2286. */
const DIGITS = 13;
const LAST = 9_999_999_999_999;

const instant = (at: EpochMs): string => String(Math.max(0, Math.floor(at))).padStart(DIGITS, '0');
const newestFirst = (at: EpochMs): string => instant(LAST - at);

export const tasksAgenda = (tenantId: string): string => `${tenantId}|tasks`;
export const collectionsAgenda = (tenantId: string): string => `${tenantId}|collections`;
export const listsPartition = (tenantId: string): string => `${tenantId}|lists`;
/** Why messages were set aside, by time. */
export const poisonPartition = (tenantId: string): string => `${tenantId}|poison`;
/** Removed collections by the time at which they are forgotten. */
export const removedPartition = (tenantId: string): string => `${tenantId}|removed`;

/** When devices that slept have begun, by machine id. */
export const wakingPartition = (tenantId: string): string => `${tenantId}|waking`;

/** Upper bound for everything due at `now`. */
export const dueBy = (now: EpochMs): string => instant(now + 1);

/** Parked tasks that were woken: their turn has come, ahead of those that never had one. */
export const WOKEN = { from: `${instant(0)}|p`, to: `${instant(0)}|q` } as const;
/** Tasks that wait only for the governor, in order of lane and turn, sort before everything that waits for a time. */
export const READY = { from: `${instant(0)}|r`, to: `${instant(0)}|s` } as const;
/** Those of one lane. */
export const readyIn = (priority: Priority): { from: string; to: string } => ({
  from: `${READY.from}|${LANES[priority]}`,
  to: `${READY.from}|${LANES[priority]}~`,
});
/** Parked tasks, from the first whose time has come. */
export const PARKED = { from: instant(1), to: instant(LAST) } as const;

/**
 * Begins with when, lane and turn; of two that have the same turn, the one that was accepted first comes first. Ends in the
 * instant at which this wait began: each wait has a key of its own, so that a late removal of an earlier one cannot hit it.
 *
 * @returns the agenda key of a task, or `undefined` while no agenda has to name it: its attempt, or its collection, does.
 */
export function taskAgendaKey(collection: Collection, task: Task): string | undefined {
  if (!isWaiting(task.state) || !task.machineId) return undefined;
  const since = instant(waitingSince(task));
  const tail = `${LANES[collection.priority]}|${turnPart(collection, task)}|${task.collectionId}|${task.taskId}|${since}`;
  const retryAt = task.state === 'parked' ? task.waiting?.retryAt : undefined;
  return retryAt === undefined ? `${READY.from}|${tail}` : `${instant(retryAt)}|p|${tail}`;
}

/** Rows of earlier versions have the instant of acceptance alone, which is their turn. */
function turnPart(collection: Collection, task: Task): string {
  const acceptedAt = instant(collection.createdAt);
  return collection.turnsFrom === undefined ? acceptedAt : `${instant(turnOf(collection, task))}.${acceptedAt}`;
}

export interface AgendaTask {
  key: string;
  priority: Priority;
  /** Its place in the lane. */
  turn: EpochMs;
  acceptedAt: EpochMs;
  collectionId: string;
  taskId: string;
  /** Not before this instant; 0 for a task that waits only for the governor, or was woken. */
  retryAt: EpochMs;
  /** When this wait began. */
  since: EpochMs;
}

/** Reads what `taskAgendaKey` wrote; `undefined` for a key of another form. */
export function readTaskAgendaKey(key: string): AgendaTask | undefined {
  const [retryAt, kind, lane, turns, collectionId, taskId, since] = key.split('|');
  const priority = PRIORITY_OF[lane ?? ''];
  if ((kind !== 'r' && kind !== 'p') || !retryAt || !priority || !turns) return undefined;
  if (!collectionId || !taskId || !since) return undefined;
  const [turn, acceptedAt = turn] = turns.split('.');
  return {
    key,
    priority,
    turn: Number(turn),
    acceptedAt: Number(acceptedAt),
    collectionId,
    taskId,
    retryAt: Number(retryAt),
    since: Number(since),
  };
}

/** Longest time from an agenda row to the change that needs it, with all repetitions that storage may need. Ours. */
const CHANGE_TAKES_MS = minutes(5);
/** A change that waited its turn, or whose clock is behind, bears an earlier instant than the one that it follows. Ours. */
const OUT_OF_ORDER_MS = minutes(1);

/**
 * Whether a row that does not fit its task is stale for sure. It may be early as well: rows are written before the change
 * that needs them, and who drops such a row loses the task its turn.
 *
 * @param task as it was read after `now`; absent while there is none
 * @param writtenAt when the row was; a wait that began long ago may have its row only now, when its machine is known
 */
export function isStaleTurn(
  key: string,
  task: Task | undefined,
  now: EpochMs,
  writtenAt: EpochMs = Number(key.split('|').at(-1)),
): boolean {
  return writtenAt + CHANGE_TAKES_MS <= now || (task !== undefined && writtenAt + OUT_OF_ORDER_MS < task.updatedAt);
}

/** The same for a row that does not fit its collection and has come due. */
export const isStaleDueTime = (key: string, now: EpochMs): boolean =>
  Number(key.split('|')[0]) + CHANGE_TAKES_MS <= now;

/** A row that a time finds: when something is due, or how old it is. */
export const dueKey = (at: EpochMs, id: string): string => `${instant(at)}|${id}`;

export function collectionAgendaKey(collection: Collection): string | undefined {
  return collection.dueAt === undefined ? undefined : dueKey(collection.dueAt, collection.collectionId);
}

/** Reads what `dueKey` wrote; `undefined` for a key of another form. */
export function readCollectionAgendaKey(key: string): { collectionId: string; dueAt: EpochMs } | undefined {
  const [dueAt, collectionId] = key.split('|');
  return dueAt && collectionId ? { collectionId, dueAt: Number(dueAt) } : undefined;
}

/** One list per filter. Case ids come as a digest: a key may not hold what a case id may. */
export type ListName = 'all' | `case|${string}` | `machine|${string}` | `state|${string}`;

export const listKey = (list: ListName, collection: Pick<Collection, 'createdAt' | 'collectionId'>): string =>
  `${list}|${newestFirst(collection.createdAt)}|${collection.collectionId}`;

/** `from <= createdAt < to`, newest first. */
export function listRange(list: ListName, window: { from?: EpochMs; to?: EpochMs }): { from: string; to: string } {
  return {
    from: window.to === undefined ? `${list}|` : `${list}|${newestFirst(window.to - 1)}`,
    to: window.from === undefined ? `${list}|~` : `${list}|${newestFirst(window.from)}~`,
  };
}

export const readListKey = (key: string): string | undefined => key.split('|').at(-1);

/** Open collections share one list: their state goes back and forth, and a list row moves only once. */
export const stateList = (collection: Collection): ListName =>
  collection.ended ? `state|${collectionState(collection)}` : 'state|open';
