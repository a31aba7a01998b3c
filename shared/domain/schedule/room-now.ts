import { type Attempt, pendingSince, type SubmitGuard } from '../attempt.ts';
import { capacityOf, holdsPermit, holdsSlot } from '../capacity.ts';
import { type DefenderLimits, SUBMIT_WINDOW_MS } from '../limits.ts';
import { type EpochMs, seconds } from '../time.ts';
import type { Room } from './estimate.ts';

/** From asking for a cancel to the free session, as a poll sees it. Ours. */
const CANCEL_TAKES_MS = seconds(20);
/** An action that has outlasted what is typical is expected to take this share of it yet. Ours. */
const OVERDUE_SHARE = 0.25;

export interface Typical {
  /** How long an action holds its session on average, in ms. */
  slotMs: number;
  /** How long one may be pending without a sign of life while others wait, in ms. */
  probationMs: number;
}

/** The room there is now, and when more comes, as the open attempts tell. */
export function roomNow(
  attempts: readonly Attempt[],
  guard: SubmitGuard,
  limits: DefenderLimits,
  typical: Typical,
  now: EpochMs,
): Room {
  const { slotLimit, pausedUntil = now } = capacityOf(attempts, guard, limits, now);
  const held = attempts.filter((a) => holdsPermit(a, now));
  return {
    from: pausedUntil,
    submitsPerMinute: Math.max(1, limits.submitsPerMinute),
    // Where the answer is still to come, a permit returns a window from now at the earliest.
    permitsAt: held.map(({ repliedAt = now }) => repliedAt + SUBMIT_WINDOW_MS),
    sessions: slotLimit,
    sessionsAt: attempts.filter(holdsSlot).map((a) => slotFreeAt(a, typical, now)),
  };
}

/** When an attempt's session may come free. One that sleeps, or is being cancelled, leaves it to whoever waits. */
function slotFreeAt(attempt: Attempt, { slotMs, probationMs }: Typical, now: EpochMs): EpochMs {
  const since = pendingSince(attempt);
  const noSign = attempt.begunAt === undefined;
  if (noSign && (attempt.cancel !== undefined || since + probationMs <= now)) return now + CANCEL_TAKES_MS;
  const expected = since + slotMs;
  return expected > now ? expected : now + slotMs * OVERDUE_SHARE;
}
