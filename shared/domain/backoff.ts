import { minutes, seconds } from './time.ts';

/** Waits that at most double, in ms. */
export interface Backoff {
  firstMs: number;
  mostMs: number;
}

/** A device that is busy, or whose session does not come up: soon at first, then rarely. */
export const PARKING: Backoff = { firstMs: seconds(30), mostMs: minutes(60) };
/**
 * A device that did not answer while others waited for the slot. It is tried again sooner in a slot that is idle, or when
 * Defender has seen it, or at a time at which it came before (`schedule/waking-hours.ts`); while slots are short, a try so
 * often finds one that wakes a few times a day.
 */
export const RESTING: Backoff = { firstMs: minutes(86), mostMs: minutes(86) };
/** A submit that Defender did not answer properly. */
export const SUBMIT_FAULT: Backoff = { firstMs: seconds(10), mostMs: minutes(15) };
/** 429 without Retry-After, for the tenant. */
export const REFUSED: Backoff = { firstMs: seconds(5), mostMs: minutes(2) };
/** Storing a result: most faults heal within seconds, a late blob within minutes. */
export const RESULT_FAULT: Backoff = { firstMs: seconds(2), mostMs: minutes(2) };
/** Resolving targets while Defender does not answer. */
export const RESOLVE_FAULT: Backoff = { firstMs: seconds(5), mostMs: minutes(5) };
/** A callback: the first two repeats come within 90 s, then rarer for up to a day. */
export const CALLBACK_FAULT: Backoff = { firstMs: seconds(15), mostMs: minutes(60) };

/**
 * Tries after which a task, a result, or the search for a machine fails for it (api.md "Patience": at least six, of a result at most twelve).
 * `resultBegun` counts those too that a crash of ours ended.
 */
export const MOST_TRIES = { submit: 12, result: 10, resultBegun: 12, search: 6 } as const;
/** An attempt of GetFile alone that failed may be repeated so often. */
export const MOST_REPEATS = 3;

/**
 * The wait after `lastMs` (none yet: the first), at most doubled. Jitter only shortens, by up to a quarter, so that the
 * promise "at most twice the last wait" holds.
 * @param chance in [0, 1)
 */
export function nextWait(backoff: Backoff, lastMs: number | undefined, chance: number): number {
  const full = lastMs === undefined ? backoff.firstMs : Math.min(backoff.mostMs, lastMs * 2);
  return Math.round(full * (1 - chance / 4));
}

/** The wait after the n-th failure in a row (from 1). */
export function waitAfter(backoff: Backoff, failures: number, chance: number): number {
  const full = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(30, failures - 1));
  return Math.round(full * (1 - chance / 4));
}
