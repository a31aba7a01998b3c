import { days, hours, minutes, seconds } from './time.ts';

/** What Defender lets a tenant do, as configured. Defaults stand in the settings (api.md). */
export interface DefenderLimits {
  /** @see https://learn.microsoft.com/defender-endpoint/api/run-live-response */
  submitsPerMinute: number;
  sessions: number;
  /** Up to how many are tried, one after another; absent: no more than `sessions`. */
  sessionsMost?: number;
  /** Sessions left to people in the portal. */
  sessionsReserved: number;
  /** Per endpoint, as Defender counts. */
  callsPerMinute: number;
  callsPerHour: number;
}

/** Defender counts submits in a sliding window of this length. */
export const SUBMIT_WINDOW_MS = minutes(1);

/** Our own margins and patience, in ms. None is Defender's. */
export const PATIENCE = {
  /** An intent older than this is not sent any more: its sender was paused, and someone else may be healing it. */
  intentFreshMs: seconds(15),
  /** How long one call may take. */
  callTimeoutMs: seconds(30),
  /** While an intent is younger, its sender is presumably still at work on it. */
  senderAtWorkMs: seconds(50),
  /** "There is no such action" is believed only so long after the last instant at which it can have come to be. */
  listsLagMs: seconds(60),
  /** An open action that the list has not shown for this long is read by itself. */
  unseenMs: seconds(60),
  /** Read by itself again after this, while the list does not show it. */
  seekAgainMs: seconds(30),
  /** Our clock and Defender's differ by less. */
  clocksApartMs: minutes(5),
  /** A lost reply's action is looked for again after this. */
  adoptAgainMs: seconds(10),
  /** An action that Defender says it does not know, for this long, is gone. */
  goneMs: minutes(10),
  /** A pending action nobody competes with may stay as long as Defender queues at most (3 days), and a day more. */
  pendingMostMs: days(4),
  /** A cancel whose effect does not show is asked for again. */
  cancelAgainMs: seconds(20),
  /** Every command has ended, yet the action is not final: taken as final after this. */
  finalLagMs: minutes(5),
  /** Added to what the commands of an action may take before it counts as stuck. */
  stuckMarginMs: minutes(30),
  /** A collection that cannot be changed for so long does not keep others from what they share with it. */
  untoldMs: hours(1),
  /** And not before so many looks. */
  untoldLooks: 15,
  /** A stuck action that stays open so long after the cancel is given up. */
  stuckGivenUpMs: minutes(10),
} as const;

/**
 * How long Defender lets a command run.
 * @see https://learn.microsoft.com/defender-endpoint/live-response (RunScript 10 min, GetFile 30 min)
 */
export const COMMAND_TIME_MS = { PutFile: minutes(10), RunScript: minutes(10), GetFile: minutes(30) } as const;
