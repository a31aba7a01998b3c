import { type EpochMs, hours, minutes, seconds } from './time.ts';

/** Defender counts calls per endpoint. @see https://learn.microsoft.com/defender-endpoint/api/get-machineactions-collection */
export const ENDPOINTS = [
  'listActions',
  'action',
  'cancel',
  'resultLink',
  'machines',
  'machine',
  'machinesByIp',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** Calls made lately, in buckets: whole seconds for the minute's window, whole minutes for the hour's. */
export interface CallsMade {
  seconds: [start: EpochMs, calls: number][];
  minutes: [start: EpochMs, calls: number][];
  /** Defender refused a call for its rate and asked for patience. */
  pausedUntil?: EpochMs;
}

export const NO_CALLS: CallsMade = { seconds: [], minutes: [] };

/** A call may be on its way for a while: it counts in Defender's window later than in ours. Our margin, in ms. */
const ON_ITS_WAY_MS = seconds(5);
/** A call that is not made so soon after it was counted is counted anew: its caller was held up. Part of the margin. */
export const COUNTED_FOR_MS = seconds(2);

export interface CallLimits {
  callsPerMinute: number;
  callsPerHour: number;
}

/** A bucket counts until its last call has left the window for sure, so the limits hold in every sliding window. */
function live(made: CallsMade, now: EpochMs): CallsMade {
  return {
    seconds: made.seconds.filter(([start]) => start + seconds(1) + minutes(1) + ON_ITS_WAY_MS > now),
    minutes: made.minutes.filter(([start]) => start + minutes(1) + hours(1) + ON_ITS_WAY_MS > now),
  };
}

const sum = (buckets: CallsMade['seconds']): number => buckets.reduce((total, [, calls]) => total + calls, 0);

export function callsLeft(made: CallsMade, limits: CallLimits, now: EpochMs): { minute: number; hour: number } {
  const { seconds: inMinute, minutes: inHour } = live(made, now);
  return {
    minute: Math.max(0, limits.callsPerMinute - sum(inMinute)),
    hour: Math.max(0, limits.callsPerHour - sum(inHour)),
  };
}

/** Takes one call from the budget, or says how long to wait for one, in ms. */
export function takeCall(
  made: CallsMade,
  limits: CallLimits,
  now: EpochMs,
): { ok: true; made: CallsMade } | { ok: false; waitMs: number } {
  if (made.pausedUntil !== undefined && made.pausedUntil > now) return { ok: false, waitMs: made.pausedUntil - now };
  const current = live(made, now);
  const left = callsLeft(made, limits, now);
  if (left.minute === 0) return { ok: false, waitMs: waitFor(current.seconds, seconds(1) + minutes(1), now) };
  if (left.hour === 0) return { ok: false, waitMs: waitFor(current.minutes, minutes(1) + hours(1), now) };
  return {
    ok: true,
    made: { seconds: added(current.seconds, now, seconds(1)), minutes: added(current.minutes, now, minutes(1)) },
  };
}

/** Without a word from Defender, so long. Ours. */
const PAUSE_MS = seconds(10);

/** The budget after a 429: nobody calls this endpoint for a while. */
export function pausedCalls(made: CallsMade, now: EpochMs, retryAfterMs = PAUSE_MS): CallsMade {
  return { ...made, pausedUntil: Math.max(made.pausedUntil ?? 0, now + retryAfterMs) };
}

function waitFor(buckets: CallsMade['seconds'], lifeMs: number, now: EpochMs): number {
  const [first] = buckets;
  return first ? Math.max(1, first[0] + lifeMs + ON_ITS_WAY_MS - now) : 1;
}

function added(buckets: CallsMade['seconds'], now: EpochMs, width: number): CallsMade['seconds'] {
  const start = Math.floor(now / width) * width;
  const last = buckets.at(-1);
  if (last && last[0] === start) return [...buckets.slice(0, -1), [start, last[1] + 1]];
  return [...buckets, [start, 1]];
}
