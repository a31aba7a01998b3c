import type { Candidate } from '../domain/dispatch-plan.ts';
import {
  collectionsAgenda,
  dueBy,
  PARKED,
  READY,
  readCollectionAgendaKey,
  readTaskAgendaKey,
  readyIn,
  tasksAgenda,
  WOKEN,
} from '../domain/index-keys.ts';
import { PRIORITIES, type Priority } from '../domain/request/collection-request.ts';
import type { EpochMs } from '../domain/time.ts';
import type { IndexRow } from '../ports.ts';
import type { Deps } from './deps.ts';

const PAGE = 100;

export interface Agenda {
  /** Tasks whose turn may have come. */
  due: Candidate[];
  /** Those that wait for a time still ahead, the earliest first; only as many as one page showed. */
  later: Candidate[];
  /** Ready tasks beyond these; absent: there are none. */
  continuation?: string;
  /** Of the last ready task read: none beyond is of a faster lane. Absent: there may be any. */
  lane?: Priority;
}

/** What waits, in one storage call while little does: woken and ready tasks sort first, then parked ones by their time. */
export async function readAgenda(deps: Deps): Promise<Agenda> {
  const partition = tasksAgenda(deps.settings.tenantId);
  const page = await deps.index.range(partition, { from: WOKEN.from, to: PARKED.to, top: PAGE });
  const rows = page.value.flatMap((row) => candidateOf(row) ?? []);
  const { continuation } = page;
  const last = rows.at(-1);
  const cutInReady = last?.retryAt === 0;
  if (continuation === undefined || !cutInReady)
    return split(await pastSleepers(deps, rows, continuation), deps.clock.now());
  // A long queue of one lane, or of woken tasks, must not hide the head of another, nor what is parked.
  const ranges = [...lanesHiddenBy(rows).map(readyIn), PARKED];
  const pages = await Promise.all(ranges.map((range) => deps.index.range(partition, { ...range, top: PAGE })));
  const known = new Set(rows.map(({ key }) => key));
  const more = pages.flatMap(({ value }) => value.flatMap((row) => candidateOf(row) ?? []));
  const unseen = more.filter(({ key }) => !known.has(key));
  const all = await pastSleepers(deps, [...rows, ...unseen], pages.at(-1)?.continuation);
  return { ...split(all, deps.clock.now()), continuation, ...laneOf(last) };
}

/** Lanes of which a page that was cut may show less than a page: those behind its last row, and that row's own unless it fills all. */
function lanesHiddenBy(rows: readonly Candidate[]): Priority[] {
  const { lane } = laneOf(rows.at(-1));
  if (lane === undefined) return [...PRIORITIES];
  const fillsThePage = laneOf(rows[0]).lane === lane;
  return PRIORITIES.slice(PRIORITIES.indexOf(lane) + (fillsThePage ? 1 : 0));
}

/** Woken tasks of any lane come first: beyond them may be any. */
const laneOf = (last: Candidate | undefined): { lane?: Priority } =>
  last === undefined || last.key < READY.from ? {} : { lane: last.priority };

/** Sleepers whose rest is over, more than one page shows, must not hide others who wait for a time that has come. */
async function pastSleepers(deps: Deps, rows: Candidate[], continuation: string | undefined): Promise<Candidate[]> {
  const parked = rows.filter((r) => r.key >= PARKED.from);
  const allSleep = parked.every((r) => r.asleep && r.retryAt <= deps.clock.now());
  if (!allSleep || continuation === undefined) return rows;
  const partition = tasksAgenda(deps.settings.tenantId);
  const page = await deps.index.range(partition, { ...PARKED, top: 10 * PAGE, continuation });
  // Of further sleepers only those matter that may share a run with one that comes before them.
  const machines = new Set(rows.map((r) => r.machineId));
  const others = page.value.filter((row) => row.value?.asleep !== 1 || machines.has(machineOf(row)));
  return [...rows, ...others.flatMap((row) => candidateOf(row) ?? [])];
}

/**
 * Further woken and ready tasks, when those read so far could not fill the room.
 * @param machines only of these devices; absent: of all
 */
export async function readMoreReady(deps: Deps, continuation: string, machines?: ReadonlySet<string>): Promise<Agenda> {
  const partition = tasksAgenda(deps.settings.tenantId);
  const page = await deps.index.range(partition, { from: WOKEN.from, to: READY.to, top: 10 * PAGE, continuation });
  const rows = machines ? page.value.filter((row) => machines.has(machineOf(row))) : page.value;
  const due = rows.flatMap((row) => candidateOf(row) ?? []);
  return {
    due,
    later: [],
    ...(page.continuation ? { continuation: page.continuation, ...laneOf(due.at(-1)) } : {}),
  };
}

function split(rows: Candidate[], now: EpochMs): Agenda {
  return { due: rows.filter((r) => r.retryAt <= now), later: rows.filter((r) => r.retryAt > now) };
}

function candidateOf(row: IndexRow): Candidate | undefined {
  const read = readTaskAgendaKey(row.key);
  const { asleep, rests, writtenAt, run, kind, platform, alone, requester } = row.value ?? {};
  return (
    read && {
      ...read,
      machineId: machineOf(row),
      asleep: asleep === 1,
      rests: rests === 1,
      ...(writtenAt === undefined ? {} : { writtenAt: Number(writtenAt) }),
      ...(run === undefined ? {} : { run: String(run) }),
      ...(requester === undefined ? {} : { requester: String(requester) }),
      ...(alone === 1 ? { alone: true } : {}),
      ...(kind === undefined ? {} : { kind: String(kind) }),
      ...(platform === undefined ? {} : { platform: String(platform) }),
    }
  );
}

const machineOf = (row: IndexRow): string => String(row.value?.machineId ?? '');

export async function dropAgendaRows(deps: Deps, keys: string[]): Promise<void> {
  if (keys.length > 0) await deps.index.write(tasksAgenda(deps.settings.tenantId), { remove: keys });
}

export interface DueCollection {
  key: string;
  collectionId: string;
  /** Ahead of now only within what was asked for. */
  dueAt: EpochMs;
}

/**
 * Collections that a heartbeat must look at: a lost message, an expiry, a callback to repeat.
 * @param aheadMs also those whose time comes so soon
 */
export async function dueCollections(deps: Deps, top: number, aheadMs: number): Promise<DueCollection[]> {
  const page = await deps.index.range(collectionsAgenda(deps.settings.tenantId), {
    from: '0',
    to: dueBy(deps.clock.now() + aheadMs),
    top,
  });
  return page.value.flatMap(({ key }) => {
    const read = readCollectionAgendaKey(key);
    return read === undefined ? [] : [{ key, ...read }];
  });
}
