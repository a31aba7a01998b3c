import type { Collection } from '../domain/collection.ts';
import {
  accountsBy,
  countTurns,
  type GivenTurns,
  giveTurns,
  type LaneAccounts,
  NO_ACCOUNTS,
  READY_LOOKED_AT,
  requesterOf,
  turnEvery,
} from '../domain/fair-turns.ts';
import { readTaskAgendaKey, readyIn, tasksAgenda } from '../domain/index-keys.ts';
import type { CollectionRequest, Priority } from '../domain/request/collection-request.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';

const REGISTER = 'turns';
type Accounts = Partial<Record<Priority, LaneAccounts>>;

/** Tries at the register while others write it; whoever never wins gets turns that nobody counts. */
const MOST_TRIES = 5;
/** Hex digits of a requester's digest: names of callers stay where they are. */
const REQUESTER_DIGITS = 16;

/** Turns are given with the first tasks, and never to a collection that an earlier version began. */
export const needsTurns = ({ turnsFrom, expandedTargets }: Collection): boolean =>
  turnsFrom === undefined && expandedTargets === 0;

/**
 * Turns for a collection that needs them. One range and one register, which is written once.
 *
 * @returns `undefined` also when they cannot be had: it is served in the order of acceptance then, which is less fair
 */
export async function turnsFor(deps: Deps, collection: Collection): Promise<GivenTurns | undefined> {
  return needsTurns(collection) ? orNone(deps, collection, giveNow(deps, collection)) : undefined;
}

async function giveNow(deps: Deps, collection: Collection): Promise<GivenTurns> {
  const { tenantId, limits } = deps.settings;
  const page = await deps.index.range(tasksAgenda(tenantId), { ...readyIn(collection.priority), top: READY_LOOKED_AT });
  const ready = page.value.flatMap(({ key }) => readTaskAgendaKey(key) ?? []);
  const every = turnEvery(limits.submitsPerMinute);
  return changeLane(deps, collection, (known, now) =>
    giveTurns(accountsBy(known, ready, now), requesterName(collection), collection, every, now),
  );
}

/** A tag's devices have turns of their own, which nobody could count before; targets that were one device need fewer. */
export async function countDevices(deps: Deps, collection: Collection, { targets }: CollectionRequest): Promise<void> {
  const tags = targets.filter((target) => 'machineTag' in target).length;
  const more = collection.counts.total + tags - collection.targets;
  if (more !== 0) await count(deps, collection, more);
}

/** What waited and is not wanted any more is not held against whoever asks again. */
export async function giveTurnsBack(deps: Deps, collection: Collection): Promise<void> {
  const { counts, targets, expandedTargets } = collection;
  const waiting = counts.queued + counts.parked + targets - expandedTargets;
  if (waiting > 0) await count(deps, collection, -waiting);
}

async function count(deps: Deps, collection: Collection, tasks: number): Promise<void> {
  const { turnsFrom, turnEveryMs } = collection;
  if (turnsFrom === undefined || turnEveryMs === undefined) return;
  const counted = changeLane(deps, collection, (known) => ({
    lane: countTurns(known, requesterName(collection), tasks, turnEveryMs),
    given: undefined,
  }));
  await orNone(deps, collection, counted);
}

/** A register that cannot be read or written costs fairness, never a task. */
const orNone = <T>(deps: Deps, { collectionId }: Collection, turns: Promise<T>): Promise<T | undefined> =>
  turns.catch((error: unknown) => {
    deps.log.warn('turns.notCounted', { collectionId, error: String(error) });
    return undefined;
  });

/** Of whose share it is, without telling who that is. */
export const requesterName = ({ requestedBy }: Collection): string =>
  sha256Hex(requesterOf(requestedBy)).slice(0, REQUESTER_DIGITS);

async function changeLane<T>(
  deps: Deps,
  { tenantId, priority }: Collection,
  change: (known: LaneAccounts, now: EpochMs) => { lane: LaneAccounts; given: T },
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const row = await deps.registers.read<Accounts>(tenantId, REGISTER);
    const { lane, given } = change(row?.value[priority] ?? NO_ACCOUNTS, deps.clock.now());
    const written = await deps.registers.write(tenantId, REGISTER, { ...row?.value, [priority]: lane }, row?.etag);
    if (written === 'written' || tries === MOST_TRIES) return given;
  }
}
