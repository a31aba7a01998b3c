import { type Attempt, pendingSince } from '../attempt.ts';
import { nextWait, RESTING } from '../backoff.ts';
import { days, type EpochMs, hours, minutes } from '../time.ts';

/**
 * At which times of the week a device has begun that let us wait before. Where it keeps hours, a try is moved to when it
 * comes; tries are moved, not added. All limits here are ours, in ms unless said otherwise.
 */

/** Instants kept of one device: a month of workdays, few enough to follow habits that change. */
const KEPT = 20;
/** What begins so soon after another tells of the same stay. */
const ONE_STAY_MS = hours(1);
/** A device that began at a time of day is expected for so long after it on other days. */
const STAYS_MS = hours(2);
/** It is tried so long after that time of day: today it may come a little later. */
const LATER_MS = minutes(5);
/** The longest ordinary rest. No rest is longer, so that a device whose habits change is found as soon as any other. */
const LONGEST_MS = RESTING.mostMs;
/** It has just been tried in vain: not again sooner. */
const SHORTEST_MS = minutes(10);
/** So far ahead a likely time moves the tries before it. */
const AHEAD_MS = LONGEST_MS * 4;
/** How much an instant says about the same weekday, about another workday (or day of a weekend), and about other days. */
const SAYS = { sameWeekday: 3, sameKind: 2, other: 1 } as const;

const DAY_MS = days(1);

/**
 * When a look shows for the first time that a device has begun which slept before.
 *
 * @param before as it was before the look
 * @param after with what the look showed
 * @param startsWithinMs longer waits for a first sign of life are sleep
 */
export function wokeAt(before: Attempt, after: Attempt, startsWithinMs: number): EpochMs | undefined {
  const { begunAt } = after;
  if (before.begunAt !== undefined || begunAt === undefined) return undefined;
  return after.probe || begunAt - pendingSince(after) > startsWithinMs ? begunAt : undefined;
}

/**
 * @param known instants at which the device began, the newest last
 * @param keptMs older ones are dropped
 * @returns `undefined` when this one says nothing new
 */
export function withWaking(known: readonly EpochMs[], at: EpochMs, keptMs: number): EpochMs[] | undefined {
  if (known.some((k) => Math.abs(at - k) < ONE_STAY_MS)) return undefined;
  return [...known.filter((k) => k > at - keptMs), at].sort((a, b) => a - b).slice(-KEPT);
}

/** Whether there is nothing to be remembered of a device any more. */
export const isForgotten = (known: readonly EpochMs[], keptMs: number, now: EpochMs): boolean =>
  known.every((at) => at + keptMs <= now);

/**
 * When a device that did not answer is tried again. Without habits, or while it should be there, after the ordinary rest;
 * before a time at which it is likely to come, so that one of the tries falls on that time and those before it are spread
 * evenly. Never later than the ordinary rest may end: habits change.
 *
 * @param chance in [0, 1), for the jitter of the ordinary rest
 * @param begunAt instants at which the device began
 * @param lastMs the last rest, which may have been a short one: the next is at most twice as long
 */
export function restUntil(now: EpochMs, chance: number, begunAt: readonly EpochMs[], lastMs?: number): EpochMs {
  const likelyAt = nextLikely(now, begunAt);
  if (likelyAt === undefined) return now + nextWait(RESTING, lastMs, chance);
  const aheadMs = likelyAt - now;
  const mostMs = lastMs === undefined ? LONGEST_MS : Math.min(LONGEST_MS, 2 * lastMs);
  return now + Math.floor(aheadMs / Math.ceil(aheadMs / mostMs));
}

/**
 * When the device is likely to come: it gets at least half as likely as it will be within `AHEAD_MS`, and is not yet.
 * @returns `undefined` if no such time is near
 */
function nextLikely(now: EpochMs, begunAt: readonly EpochMs[]): EpochMs | undefined {
  const from = now + SHORTEST_MS;
  const until = now + AHEAD_MS;
  const moments = [from, ...begunAt.flatMap((at) => sameTimeOfDay(at, from + 1, until))].sort((a, b) => a - b);
  const chances = moments.map((at) => chanceAt(at, begunAt));
  const enough = Math.max(...chances) / 2;
  if (enough === 0) return undefined;
  const justBefore = (at: EpochMs): EpochMs => (at === from ? now : at - 1);
  return moments.find((at, i) => (chances[i] ?? 0) >= enough && chanceAt(justBefore(at), begunAt) < enough);
}

/** Likelihood only grows a little after the time of day of an instant. */
function sameTimeOfDay(begunAt: EpochMs, from: EpochMs, until: EpochMs): EpochMs[] {
  const first = begunAt + LATER_MS;
  const at = first + Math.ceil((from - first) / DAY_MS) * DAY_MS;
  return at <= until ? [at] : [];
}

/** How much speaks for finding the device at an instant; a number without a unit. */
function chanceAt(at: EpochMs, begunAt: readonly EpochMs[]): number {
  let sum = 0;
  for (const begun of begunAt) {
    const since = at - LATER_MS - begun;
    const daysLater = Math.floor(since / DAY_MS);
    if (since - daysLater * DAY_MS < STAYS_MS) sum += says(begun, begun + daysLater * DAY_MS);
  }
  return sum;
}

function says(begunAt: EpochMs, sameTimeAt: EpochMs): number {
  const [then, day] = [weekdayOf(begunAt), weekdayOf(sameTimeAt)];
  if (then === day) return SAYS.sameWeekday;
  return isWeekend(then) === isWeekend(day) ? SAYS.sameKind : SAYS.other;
}

const weekdayOf = (at: EpochMs): number => new Date(at).getUTCDay();
const isWeekend = (weekday: number): boolean => weekday === 0 || weekday === 6;
