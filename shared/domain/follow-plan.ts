import { stuckAt } from './action-outcome.ts';
import { type Attempt, type AttemptCancel, type CancelReason, pendingSince, wantsSlotOnly } from './attempt.ts';
import { PATIENCE } from './limits.ts';
import type { EpochMs } from './time.ts';

/** What one poll looks at. */
export interface FollowPlan {
  /** Followed by list, all in as few calls as there are hundreds of them. */
  list: Attempt[];
  /** No sign of them in the list for a while: read one by one. */
  single: Attempt[];
  /** Sent, perhaps, without an answer: looked for by machine and token. */
  adopt: Attempt[];
}

export function planFollow(attempts: readonly Attempt[], now: EpochMs): FollowPlan {
  const open = attempts.filter((a) => a.state === 'open');
  return {
    list: open,
    single: open.filter((a) => isUnseen(a, now)),
    adopt: attempts.filter((a) => a.state === 'submitting' && mayLookForAction(a, now)),
  };
}

function isUnseen(attempt: Attempt, now: EpochMs): boolean {
  const shown = attempt.shownAt ?? attempt.repliedAt ?? attempt.intentAt;
  return shown + PATIENCE.unseenMs <= now && (attempt.soughtAt ?? 0) + PATIENCE.seekAgainMs <= now;
}

/** Not while its sender is presumably still at work, and not at every poll. */
function mayLookForAction(attempt: Attempt, now: EpochMs): boolean {
  const senderDone = attempt.repliedAt !== undefined || attempt.intentAt + PATIENCE.senderAtWorkMs <= now;
  return senderDone && (attempt.soughtAt ?? 0) + PATIENCE.adoptAgainMs <= now;
}

/**
 * Lists lag: only after this may "there is none" be believed. Where Defender answered, though with an error, the call was over
 * by then; without an answer it may have been on its way for as long as a call may take.
 */
export const absenceProven = ({ intentAt, erredAt }: Attempt, now: EpochMs): boolean =>
  (erredAt ?? intentAt + PATIENCE.callTimeoutMs) + PATIENCE.listsLagMs <= now;

/**
 * Which pending actions give up their slot: past their probation without a sign of life, oldest first, and no more than
 * there are tasks that would take the place.
 *
 * @param wanted slots that waiting tasks need beyond the free ones
 * @param probationOf how long an attempt may hold its slot, in ms
 */
export function planProbationCancels(
  attempts: readonly Attempt[],
  wanted: number,
  probationOf: (attempt: Attempt) => number,
  now: EpochMs,
): Attempt[] {
  const overdue = pendingUncancelled(attempts)
    .filter((a) => pendingSince(a) + probationOf(a) <= now)
    .sort((a, b) => pendingSince(a) - pendingSince(b));
  return overdue.slice(0, Math.max(0, wanted - comingFree(attempts)));
}

/**
 * Which pending actions make way for urgent tasks: the youngest in bulk, which have waited least for nothing.
 *
 * @param wanted slots that urgent tasks need beyond the free ones
 */
export function planYields(attempts: readonly Attempt[], wanted: number): Attempt[] {
  const bulk = pendingUncancelled(attempts)
    .filter((a) => a.priority === 'bulk')
    .sort((a, b) => pendingSince(b) - pendingSince(a));
  return bulk.slice(0, Math.max(0, wanted - comingFree(attempts)));
}

const pendingUncancelled = (attempts: readonly Attempt[]): Attempt[] =>
  attempts.filter((a) => a.state === 'open' && a.cancel === undefined && a.begunAt === undefined);

/** Slots whose cancel is under way. */
const comingFree = (attempts: readonly Attempt[]): number =>
  attempts.filter((a) => a.state === 'open' && cancelInForce(a) !== undefined).length;

/** Cancels that are due: asked for and not yet effective, or for an action that should have ended long ago. */
export function cancelDue(attempt: Attempt, now: EpochMs): CancelReason | undefined {
  if (attempt.state !== 'open') return undefined;
  const cancel = cancelInForce(attempt);
  if (cancel) return cancel.nextAt <= now ? cancel.reason : undefined;
  const stuck = stuckAt(attempt) ?? pendingSince(attempt) + PATIENCE.pendingMostMs;
  return stuck <= now ? 'stuck' : undefined;
}

/** A sleeper that woke before its cancel took effect is no sleeper: it runs on. */
export const cancelInForce = (attempt: Attempt): AttemptCancel | undefined =>
  attempt.cancel && wantsSlotOnly(attempt.cancel.reason) && attempt.begunAt !== undefined ? undefined : attempt.cancel;

/** Asks again for the reason there was before; only one that wants the slot alone gives way to another one. */
export function withCancelAsked(attempt: Attempt, reason: CancelReason, now: EpochMs): AttemptCancel {
  const givesWay = attempt.cancel !== undefined && wantsSlotOnly(attempt.cancel.reason) && !wantsSlotOnly(reason);
  const before = givesWay ? undefined : attempt.cancel;
  return {
    reason: before?.reason ?? reason,
    requestedAt: before?.requestedAt ?? now,
    tries: (before?.tries ?? 0) + 1,
    // Growing, so that cancels which Defender does not honour leave the hour's budget to others.
    nextAt: now + PATIENCE.cancelAgainMs * 2 ** Math.min(3, before?.tries ?? 0),
  };
}
