import { stuckAt } from './action-outcome.ts';
import type { Attempt, AttemptCancel, CancelReason } from './attempt.ts';
import { PATIENCE } from './limits.ts';
import { type EpochMs, seconds } from './time.ts';

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

/** Lists lag: only after this may "there is none" be believed. */
export const absenceProven = (attempt: Attempt, now: EpochMs): boolean =>
  attempt.intentAt + PATIENCE.absenceProvenMs <= now;

/**
 * Which pending actions give up their slot: past their probation without a sign of life, oldest first, and no more than
 * there are tasks that would take the place.
 *
 * @param wanted slots that waiting tasks need beyond the free ones
 */
export function planProbationCancels(
  attempts: readonly Attempt[],
  wanted: number,
  probationMs: number,
  now: EpochMs,
): Attempt[] {
  const open = attempts.filter((a) => a.state === 'open');
  const underWay = open.filter((a) => cancelInForce(a) !== undefined).length;
  const overdue = open
    .filter((a) => a.cancel === undefined && a.begunAt === undefined && pendingSince(a) + probationMs <= now)
    .sort((a, b) => pendingSince(a) - pendingSince(b));
  return overdue.slice(0, Math.max(0, wanted - underWay));
}

export const pendingSince = (attempt: Attempt): EpochMs => attempt.repliedAt ?? attempt.intentAt;

/** Cancels that are due: asked for and not yet effective, or for an action that should have ended long ago. */
export function cancelDue(attempt: Attempt, now: EpochMs): CancelReason | undefined {
  if (attempt.state !== 'open') return undefined;
  const cancel = cancelInForce(attempt);
  if (cancel) return cancel.nextAt <= now ? cancel.reason : undefined;
  const stuck = stuckAt(attempt) ?? pendingSince(attempt) + PATIENCE.pendingMostMs;
  return stuck <= now ? 'stuck' : undefined;
}

/** A sleeper that woke before its cancel took effect is no sleeper: it runs on. */
const cancelInForce = (attempt: Attempt): AttemptCancel | undefined =>
  attempt.cancel?.reason === 'probation' && attempt.begunAt !== undefined ? undefined : attempt.cancel;

/** Asks again for the reason there was before; only a probation gives way to another one. */
export function withCancelAsked(attempt: Attempt, reason: CancelReason, now: EpochMs): AttemptCancel {
  const before = attempt.cancel?.reason === 'probation' && reason !== 'probation' ? undefined : attempt.cancel;
  return {
    reason: before?.reason ?? reason,
    requestedAt: before?.requestedAt ?? now,
    tries: (before?.tries ?? 0) + 1,
    nextAt: now + PATIENCE.cancelAgainMs,
  };
}

/** While nothing but sleepers is open, looking often tells nothing. */
const SLEEPERS_EVERY_MS = seconds(30);

/** When to poll again; `undefined` when nothing is open. */
export function nextPollAt(
  attempts: readonly Attempt[],
  settings: { pollMinMs: number; probationMs: number; callsPerHour: number },
  now: EpochMs,
): EpochMs | undefined {
  const open = attempts.filter((a) => a.state === 'open' || a.state === 'submitting');
  if (open.length === 0) return undefined;
  const lively = open.some(
    (a) => a.begunAt !== undefined || a.cancel !== undefined || pendingSince(a) + settings.probationMs > now,
  );
  // A list call each time: at most three quarters of the hourly budget of its endpoint.
  const affordable = Math.ceil(seconds(3600) / (settings.callsPerHour * 0.75));
  return now + Math.max(settings.pollMinMs, affordable, lively ? 0 : SLEEPERS_EVERY_MS);
}
