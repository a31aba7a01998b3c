import type { SubmitGuard } from './attempt.ts';
import { type Backoff, MOST_TRIES, nextWait, PARKING, REFUSED, SUBMIT_FAULT, waitAfter } from './backoff.ts';
import { type Failure, failureOf } from './failures/failure-codes.ts';
import type { WaitingReason } from './failures/waiting-reasons.ts';
import type { DefenderLimits } from './limits.ts';
import { restUntil } from './schedule/waking-hours.ts';
import { ceilingAt } from './session-limit.ts';
import type { Task, Waiting } from './task.ts';
import type { SetBackCause } from './task-events.ts';
import type { EpochMs } from './time.ts';

/** What becomes of a task whose submit gave no action of its own. */
export type SubmitRefusal =
  | { kind: 'setBack'; to: 'queued' | 'parked'; waiting: Omit<Waiting, 'since'>; cause: SetBackCause }
  | { kind: 'failed'; failure: Failure };

/**
 * Defender says 429 both for the rate and for the sessions. Our own count tells them apart: below our share of the
 * minute, or with none of it used, it must be the sessions, which people in the portal, unseen, may hold. Submits that were
 * refused beside this one have not used the minute up.
 *
 * @param acceptedInWindow ours that Defender accepted in the last 60 s
 */
export function reasonOfRefusal(acceptedInWindow: number, limits: DefenderLimits): 'SubmitRate' | 'NoSlot' {
  return acceptedInWindow === 0 || acceptedInWindow + 1 < limits.submitsPerMinute ? 'NoSlot' : 'SubmitRate';
}

/**
 * The guard after a 429: everyone pauses, as long as Defender says or, without a word, twice as long each time. What was
 * on its way when the pause began is refused for the same reason, and counts once.
 */
export function guardAfterRefusal(
  guard: SubmitGuard,
  reason: 'SubmitRate' | 'NoSlot',
  seen: { retryAfterMs?: number; slotsInUse: number; now: EpochMs; chance: number },
): SubmitGuard {
  const refusals = sameBurst(guard, seen.now) ? guard.refusals : guard.refusals + 1;
  const pauseMs = seen.retryAfterMs ?? waitAfter(REFUSED, refusals, seen.chance);
  return {
    ...guard,
    refusals,
    pausedUntil: Math.max(guard.pausedUntil ?? 0, seen.now + pauseMs),
    pauseReason: reason,
    ...(reason === 'NoSlot' ? { sessionCeiling: ceilingAt(seen.slotsInUse, seen.now) } : {}),
  };
}

/** The guard while Defender does not answer: one submit at a time finds out, so that tasks do not burn their tries. */
export function guardAfterFault(guard: SubmitGuard, now: EpochMs, chance: number): SubmitGuard {
  const refusals = sameBurst(guard, now) ? guard.refusals : guard.refusals + 1;
  const until = now + waitAfter(REFUSED, refusals, chance);
  // A longer pause that Defender asked for keeps its reason, so that no proper answer ends it early.
  if ((guard.pausedUntil ?? 0) >= until) return { ...guard, refusals };
  return { ...guard, refusals, pausedUntil: until, pauseReason: 'DefenderUnavailable' };
}

/** While everyone pauses nothing new is sent. */
const sameBurst = (guard: SubmitGuard, now: EpochMs): boolean => guard.refusals > 0 && (guard.pausedUntil ?? 0) > now;

/** A proper answer clears what refusals and faults had built up; a pause that Defender asked for runs on. */
export function guardAfterAnswer(guard: SubmitGuard, now: EpochMs): SubmitGuard {
  if (guard.refusals === 0) return guard;
  const { pausedUntil, pauseReason, ...rest } = guard;
  const stillAsked = pausedUntil !== undefined && pausedUntil > now && pauseReason !== 'DefenderUnavailable';
  return { ...rest, refusals: 0, ...(stillAsked && pauseReason ? { pausedUntil, pauseReason } : {}) };
}

/** The task keeps its place in the queue. */
export function refusedForNow(reason: 'SubmitRate' | 'NoSlot'): SubmitRefusal {
  return { kind: 'setBack', to: 'queued', waiting: { reason }, cause: 'refused' };
}

/** Someone else's session on the device: come back at growing intervals, or when Defender shows its end. */
export function busy(task: Task, blockerActionId: string | undefined, now: EpochMs, chance: number): SubmitRefusal {
  const waiting = grownWait(task, 'MachineBusy', PARKING, now, chance);
  return {
    kind: 'setBack',
    to: 'parked',
    waiting: blockerActionId === undefined ? waiting : { ...waiting, blockerActionId },
    cause: 'refused',
  };
}

/**
 * The device did not answer: parked until it is seen, a slot is idle, or its rest is over.
 * @param begunAt when it has begun before
 */
export function asleep(
  { lastRestMs }: Task,
  now: EpochMs,
  chance: number,
  begunAt: readonly EpochMs[],
): Extract<SubmitRefusal, { kind: 'setBack' }> {
  // No wait that the next failure of another kind must grow from.
  const waiting = {
    reason: 'MachineAsleep' as const,
    retryAt: restUntil(now, chance, begunAt, lastRestMs),
    rests: true,
  };
  return { kind: 'setBack', to: 'parked', waiting, cause: 'asleep' };
}

/** A session did not come up, or broke: parked at growing intervals, whether slots are idle or not. */
export function sessionFailed(task: Task, now: EpochMs, chance: number): Extract<SubmitRefusal, { kind: 'setBack' }> {
  const waiting = grownWait(task, 'MachineAsleep', PARKING, now, chance);
  return { kind: 'setBack', to: 'parked', waiting, cause: 'asleep' };
}

/** No proper answer, and no action came of it. */
export function afterFault(task: Task, now: EpochMs, chance: number): SubmitRefusal {
  const faults = task.submitFaults + 1;
  if (faults >= MOST_TRIES.submit) return { kind: 'failed', failure: failureOf('DefenderError') };
  const waiting = grownWait(task, 'DefenderUnavailable', SUBMIT_FAULT, now, chance);
  return { kind: 'setBack', to: 'parked', waiting, cause: 'fault' };
}

/** Waits grow only over waits of the same kind. The last wait is remembered on the task through its attempts. */
function grownWait(
  { lastWait }: Task,
  reason: WaitingReason,
  backoff: Backoff,
  now: EpochMs,
  chance: number,
): Pick<Waiting, 'reason' | 'retryAt' | 'lastWaitMs'> {
  const lastWaitMs = nextWait(backoff, lastWait?.reason === reason ? lastWait.ms : undefined, chance);
  return { reason, retryAt: now + lastWaitMs, lastWaitMs };
}

/** Whose commands Defender dislikes shows when each goes alone. */
export const refusedTogether: SubmitRefusal = {
  kind: 'setBack',
  to: 'queued',
  waiting: { alone: true },
  cause: 'refused',
};

export const neverSent: SubmitRefusal = { kind: 'setBack', to: 'queued', waiting: {}, cause: 'neverSent' };
