import type { Attempt, SubmitGuard } from './attempt.ts';
import { type DefenderLimits, SUBMIT_WINDOW_MS } from './limits.ts';
import { slotLimitOf } from './session-limit.ts';
import type { EpochMs } from './time.ts';

export interface Capacity {
  /** Submits that may be made now. */
  permits: number;
  /** Of them, those for tasks in bulk: one is kept back, so that an urgent task need not wait for the minute to pass. */
  bulkPermits: number;
  /** Actions that may be opened now. */
  slots: number;
  slotsInUse: number;
  /** Sessions that Holdfast may use at this moment: configured, less the reserve, with what trials and refusals have taught. */
  slotLimit: number;
  /** When the next permit returns, if none is left and nothing else is in the way. */
  nextPermitAt?: EpochMs;
  /** When one more permit is there, also while some are; absent: none is out whose return is known. */
  permitReturnsAt?: EpochMs;
  /** No submit at all before this instant. */
  pausedUntil?: EpochMs;
}

/**
 * What may be submitted now, derived from the attempts alone so that no crash can leak a permit or a slot.
 *
 * A permit is taken from the intent on and returns 60 s after the reply: by then the call has left Defender's window,
 * however long it was on its way. An attempt without a reply holds its permit until it is healed.
 */
export function capacityOf(
  attempts: readonly Attempt[],
  guard: SubmitGuard,
  limits: DefenderLimits,
  now: EpochMs,
): Capacity {
  const held = attempts.filter((a) => holdsPermit(a, now));
  const slotsInUse = attempts.filter(holdsSlot).length;
  const slotLimit = slotLimitOf(guard, limits, now);
  const permits = Math.max(0, Math.min(limits.submitsPerMinute - held.length, probing(guard) ? 1 : Infinity));
  const slots = Math.max(0, slotLimit - slotsInUse);
  const paused = guard.pausedUntil !== undefined && guard.pausedUntil > now;
  const permitReturnsAt = earliestReturn(held);
  const nextPermitAt = permits > 0 ? undefined : permitReturnsAt;
  const keptBack = limits.submitsPerMinute >= KEEPS_BACK_FROM && !probing(guard) ? 1 : 0;
  return {
    permits: paused ? 0 : permits,
    bulkPermits: paused ? 0 : Math.max(0, permits - keptBack),
    slots,
    slotsInUse,
    slotLimit,
    ...(nextPermitAt === undefined ? {} : { nextPermitAt }),
    ...(permitReturnsAt === undefined ? {} : { permitReturnsAt }),
    ...(paused && guard.pausedUntil !== undefined ? { pausedUntil: guard.pausedUntil } : {}),
  };
}

/** Of fewer submits a minute none can be spared. Ours. */
const KEEPS_BACK_FROM = 4;

/** After faults, or sessions taken by others, a single submit finds out whether the way is free again. */
const probing = (guard: SubmitGuard): boolean => guard.refusals > 0 && guard.pauseReason !== 'SubmitRate';

export const holdsSlot = (attempt: Attempt): boolean => attempt.state === 'submitting' || attempt.state === 'open';

export function holdsPermit(attempt: Attempt, now: EpochMs): boolean {
  return attempt.repliedAt === undefined ? attempt.state !== 'closed' : attempt.repliedAt + SUBMIT_WINDOW_MS > now;
}

/** Closed and out of Defender's window: nothing derives from the row any more. */
export const isSpent = (attempt: Attempt, now: EpochMs): boolean =>
  attempt.state === 'closed' && !holdsPermit(attempt, now);

function earliestReturn(held: Attempt[]): EpochMs | undefined {
  const returns = held.flatMap((a) => (a.repliedAt === undefined ? [] : [a.repliedAt + SUBMIT_WINDOW_MS]));
  return returns.length === 0 ? undefined : Math.min(...returns);
}
