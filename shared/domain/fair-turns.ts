import type { Collection, RequestedBy } from './collection.ts';
import { placeOf } from './initial-tasks.ts';
import { SUBMIT_WINDOW_MS } from './limits.ts';
import type { Task } from './task.ts';
import { days, type EpochMs, minutes } from './time.ts';

/**
 * Fair shares between those who ask, within a lane: start-time fair queuing. Each task has a turn, an instant, and lanes are
 * in the order of turns. A requester's tasks have theirs one submit apart, from the lane's own time on or from where the
 * requester's last ones end. So those who have much to do take turns, and nobody waits for the whole of what another asked.
 *
 * @see Goyal, Vin, Cheng: Start-time Fair Queuing (SIGCOMM 1996)
 */

/** Given to a collection once, before its first task is written. */
export interface GivenTurns {
  /** The turn of the first place. */
  turnsFrom: EpochMs;
  /** From one place to the next, in ms. */
  turnEveryMs: number;
}

/** One submit's part of a minute, in ms. */
export const turnEvery = (submitsPerMinute: number): number => Math.ceil(SUBMIT_WINDOW_MS / submitsPerMinute);

/** The turn of a task; in collections of earlier versions, all tasks have that of their acceptance. */
export function turnOf({ createdAt, turnsFrom, turnEveryMs = 0 }: Collection, { taskId, place }: Task): EpochMs {
  return turnsFrom === undefined ? createdAt : turnsFrom + (place ?? placeOf(taskId)) * turnEveryMs;
}

/**
 * Whose share it is: the caller's identity; without one, the workflow that asks, by the id under which Logic Apps tracks what
 * belongs together (that of its run, unless the workflow sets one), else by its run. All others who come the same way share
 * one name.
 */
export function requesterOf({ kind, id, clientTrackingId, workflowRunId }: RequestedBy): string {
  if (kind === 'entra') return `entra:${id ?? ''}`;
  const workflow = clientTrackingId ?? workflowRunId;
  return workflow === undefined ? kind : `workflow:${workflow}`;
}

/** What the agenda tells of a ready task. */
export interface ReadyTask {
  turn: EpochMs;
  acceptedAt: EpochMs;
  /** When this wait began. */
  since: EpochMs;
}

/** What is known of a requester whose next turns lie ahead of the lane's time. */
export interface Account {
  /** From when on its next tasks have their turns. */
  next: EpochMs;
  /** The collection that was given turns last, from where, and when: the same again gets the same. */
  collectionId: string;
  from: EpochMs;
  givenAt: EpochMs;
}

/** One lane's accounts, by digest of the requester. Lost, they are begun again: that costs fairness, never a task. */
export interface LaneAccounts {
  /** The lane's own time when it was last asked for; it does not go back. */
  time: EpochMs;
  accounts: Record<string, Account>;
}

export const NO_ACCOUNTS: LaneAccounts = { time: 0, accounts: {} };

/** Among so many ready tasks the first is looked for that has not had its turn before. Ours. */
export const READY_LOOKED_AT = 20;

/** Newcomers come at most so far behind the clock: what has waited longer goes before all of them, however many come. Ours. */
const LANE_BEHIND_MS = days(1);
/** As many submits as a minute allows may be made at its beginning: so far ahead of the clock may the lane's time be. */
const LANE_AHEAD_MS = SUBMIT_WINDOW_MS;
/** Whose tasks may still be on their way to the lane is remembered, even if the lane looks empty. Ours. */
const ON_THEIR_WAY_MS = minutes(2);
/** Requesters that one lane remembers; beyond, those are forgotten who owe the others least. Ours. */
const MOST_ACCOUNTS = 100;

/**
 * The lane's accounts by now, with its own time: the turn of the ready task that is next; of those that come back from an
 * attempt, or from a rest, with an old turn, none counts. An empty lane forgets who has had much.
 *
 * @param ready the first ready tasks of the lane, in the order of turns, `READY_LOOKED_AT` at most
 */
export function accountsBy(known: LaneAccounts, ready: readonly ReadyTask[], now: EpochMs): LaneAccounts {
  const all = Object.entries(known.accounts);
  const isNew = ({ since, acceptedAt }: ReadyTask) => since <= acceptedAt;
  const head = ready.find(isNew) ?? (ready.length < READY_LOOKED_AT ? undefined : ready.at(-1));
  const reached = head?.turn ?? Math.max(now, ...all.map(([, { next }]) => next));
  const time = Math.min(now + LANE_AHEAD_MS, Math.max(reached, known.time, now - LANE_BEHIND_MS));
  const isOnItsWay = ({ givenAt }: Account) => now < givenAt + ON_THEIR_WAY_MS;
  const kept = all.filter(([, one]) => isOnItsWay(one) || (head !== undefined && one.next > time));
  return { time, accounts: Object.fromEntries(kept) };
}

/** Turns for a collection's first tasks, one for each target; the same collection again gets the same ones. */
export function giveTurns(
  { time, accounts }: LaneAccounts,
  requester: string,
  { collectionId, targets }: Pick<Collection, 'collectionId' | 'targets'>,
  turnEveryMs: number,
  now: EpochMs,
): { lane: LaneAccounts; given: GivenTurns } {
  const account = accounts[requester];
  if (account?.collectionId === collectionId)
    return { lane: { time, accounts }, given: { turnsFrom: account.from, turnEveryMs } };
  const from = Math.max(time, account?.next ?? 0);
  const next = from + targets * turnEveryMs;
  // A newcomer moves the lane's time on by its part of a round: or a stream of them would hold the others' turns still.
  const others = Object.values(accounts).filter((one) => one.next > time + turnEveryMs).length;
  const isNewcomer = account === undefined || account.next <= time;
  const passedMs = isNewcomer && others > 0 ? Math.ceil(turnEveryMs / (1 + others)) : 0;
  const lane = {
    time: time + passedMs,
    accounts: mostIndebted({ ...accounts, [requester]: { next, collectionId, from, givenAt: now } }),
  };
  return { lane, given: { turnsFrom: from, turnEveryMs } };
}

/**
 * More turns than were given, or fewer: a tag stood for many devices, or what was asked for is not wanted any more.
 * @param tasks how many more; below 0: fewer
 */
export function countTurns(lane: LaneAccounts, requester: string, tasks: number, turnEveryMs: number): LaneAccounts {
  const account = lane.accounts[requester] ?? {
    next: lane.time,
    collectionId: '',
    from: lane.time,
    givenAt: lane.time,
  };
  const next = Math.max(lane.time, account.next + tasks * turnEveryMs);
  return { ...lane, accounts: mostIndebted({ ...lane.accounts, [requester]: { ...account, next } }) };
}

function mostIndebted(accounts: Record<string, Account>): Record<string, Account> {
  const all = Object.entries(accounts).sort(([, a], [, b]) => b.next - a.next);
  return Object.fromEntries(all.slice(0, MOST_ACCOUNTS));
}
