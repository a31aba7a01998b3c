import { type Attempt, pendingSince } from '../attempt.ts';
import { holdsSlot } from '../capacity.ts';
import type { Demand } from '../dispatch-plan.ts';
import { cancelInForce } from '../follow-plan.ts';
import { PATIENCE } from '../limits.ts';
import { type EpochMs, seconds } from '../time.ts';
import { isEnough, type Lessons, quantile } from './lessons.ts';
import { probationOf } from './probation.ts';

export interface PollSettings {
  pollMinMs: number;
  /** `PROBATION_SECONDS`, in ms. */
  probationMs: number;
  callsPerHour: number;
}

/**
 * A look is worth its call once the slots that have come free unseen are expected to have stood idle for so long
 * together, in ms. At 25 sessions of four minutes that is a look every eight seconds, and 1.2 looks an action. Ours.
 */
const WORTH_A_CALL_MS = seconds(3.6);
/** While fewer are open than this, the last of them are waited for by people, and a look is worth as many times less. Ours. */
const MANY = 6;
/** At the least, of what it is worth. */
const LEAST_PART = 0.3;
/** What people see of a run is at most so old. Ours, in ms. */
const LONGEST_MS = seconds(30);
/** While an action does what none before it did, or nothing is known yet: so many shortest times between two polls, */
const UNKNOWN_POLLS = 5;
/** and one less for every so many fewer that are open. Ours. */
const UNKNOWN_EACH = 5;
/** From asking for a cancel to its effect, until it is learned. In ms. */
const CANCEL_TAKES_MS = seconds(10);

/**
 * When to look at the open actions again; `undefined` when nothing is open. Soon when results are likely due, rarely when
 * only sleepers are open, and exactly when a probation or a cancel should be over.
 */
export function nextPollAt(
  attempts: readonly Attempt[],
  lessons: Lessons,
  demand: Demand,
  settings: PollSettings,
  now: EpochMs,
): EpochMs | undefined {
  const open = attempts.filter(holdsSlot);
  if (open.length === 0) return undefined;
  const unknownAt = now + settings.pollMinMs * Math.max(1, Math.min(UNKNOWN_POLLS, open.length / UNKNOWN_EACH));
  const appointments = open.flatMap((a) => appointmentOf(a, { lessons, demand, settings, unknownAt, now }) ?? []);
  const at = Math.min(endsAreWorthIt(open, lessons, now), now + LONGEST_MS, ...appointments);
  return Math.ceil(Math.max(at, now + shortestPollMs(settings)));
}

/** The shortest time between two polls, in ms. A list call each time: at most three quarters of its hourly budget. */
export const shortestPollMs = ({ pollMinMs, callsPerHour }: Pick<PollSettings, 'pollMinMs' | 'callsPerHour'>): number =>
  Math.max(pollMinMs, Math.ceil(seconds(3600) / (callsPerHour * 0.75)));

interface Known {
  lessons: Lessons;
  demand: Demand;
  settings: PollSettings;
  /** When to look again at what nothing is known of. */
  unknownAt: EpochMs;
  now: EpochMs;
}

/** An instant at which this attempt should be looked at, whatever the others do. */
function appointmentOf(attempt: Attempt, known: Known): EpochMs | undefined {
  const { lessons, demand, settings, unknownAt, now } = known;
  if (attempt.state === 'submitting')
    return attempt.repliedAt === undefined ? attempt.intentAt + PATIENCE.senderAtWorkMs : unknownAt;
  const cancel = cancelInForce(attempt);
  if (cancel) {
    if (cancel.tries === 0) return now;
    const effectAt = cancel.requestedAt + (quantile(lessons.cancels, 0.5) ?? CANCEL_TAKES_MS);
    return effectAt > now ? effectAt : unknownAt;
  }
  if (attempt.begunAt !== undefined) return hasModel(attempt, lessons, now) ? undefined : unknownAt;
  if (demand.urgent > 0 && attempt.priority === 'bulk') return now;
  const probationEnds = pendingSince(attempt) + probationOf(attempt, lessons, settings.probationMs);
  if (probationEnds <= now) return demand.tasks > 0 ? now : undefined;
  if (!isEnough(lessons.runs)) return unknownAt;
  return demand.tasks > 0 ? probationEnds : undefined;
}

/** Until when the slots that come free unseen stand idle for as long as a look is worth. */
function endsAreWorthIt(open: readonly Attempt[], lessons: Lessons, now: EpochMs): EpochMs {
  const ends = likelyEnds(open, lessons, now).sort((a, b) => a.at - b.at);
  let idleMs = 0;
  let freed = 0;
  let at = now;
  const worthMs = WORTH_A_CALL_MS * Math.max(LEAST_PART, Math.min(1, open.length / MANY));
  for (const end of ends) {
    const until = idleMs + freed * (end.at - at);
    if (until >= worthMs) break;
    idleMs = until;
    at = end.at;
    freed += end.chance;
  }
  return freed === 0 ? Number.POSITIVE_INFINITY : at + (worthMs - idleMs) / freed;
}

interface LikelyEnd {
  at: EpochMs;
  chance: number;
}

/** The stages that earlier actions went through, with what shows without a look at each sample. */
interface Learned extends Pick<Lessons, 'starts' | 'runs' | 'lags'> {
  now: EpochMs;
  /** No look would wait for later ends. */
  until: EpochMs;
  /** From a begin to the end, at the least. In ms. */
  soonestMs: number;
  /** Absent while too few starts were seen. In ms. */
  longestStartMs: number | undefined;
}

/** Every end that an earlier action teaches and that is still to come for one of these, all as likely. */
function likelyEnds(open: readonly Attempt[], { starts, runs, lags }: Lessons, now: EpochMs): LikelyEnd[] {
  if (!isEnough(runs) || !isEnough(lags)) return [];
  const soonestMs = soonest(runs) + soonest(lags);
  const longestStartMs = quantile(starts, 1);
  const learned: Learned = { starts, runs, lags, now, until: now + LONGEST_MS, soonestMs, longestStartMs };
  return open.flatMap((attempt) => (attempt.state === 'open' ? endsOf(attempt, learned) : []));
}

/**
 * By the stages still to come, laid end to end: none, if it has taken longer than any before it. A device that has not
 * begun after the longest start seen sleeps, and ends nothing soon.
 */
function endsOf(attempt: Attempt, learned: Learned): LikelyEnd[] {
  const { starts, runs, lags, now, until, soonestMs, longestStartMs } = learned;
  const { begunAt, doneAt } = attempt;
  if (doneAt !== undefined) {
    const left = lags.filter((lag) => doneAt + lag > now);
    return asLikely(left, (lag) => doneAt + lag, until);
  }
  if (begunAt !== undefined) {
    if (begunAt + soonestMs >= until) return [];
    const left = runs.filter((run) => begunAt + run > now);
    return asLikely(left, (run, i) => begunAt + run + nth(lags, i), until);
  }
  const since = pendingSince(attempt);
  if (longestStartMs === undefined || since + longestStartMs <= now || now + soonestMs >= until) return [];
  const left = starts.filter((start) => since + start > now);
  return asLikely(runs, (run, i) => since + nth(left, i) + run + nth(lags, i), until);
}

/** The ends before `until`; the later ones count for how likely each is. */
function asLikely(
  samples: readonly number[],
  endOf: (sample: number, place: number) => EpochMs,
  until: EpochMs,
): LikelyEnd[] {
  const chance = 1 / samples.length;
  const ends: LikelyEnd[] = [];
  samples.forEach((sample, place) => {
    const at = endOf(sample, place);
    if (at < until) ends.push({ at, chance });
  });
  return ends;
}

/** Whether an action that has begun does what one before it did. */
function hasModel({ begunAt, doneAt }: Attempt, { runs, lags }: Lessons, now: EpochMs): boolean {
  if (!isEnough(runs) || !isEnough(lags)) return false;
  if (doneAt !== undefined) return lags.some((lag) => doneAt + lag > now);
  return begunAt !== undefined && runs.some((run) => begunAt + run > now);
}

const soonest = (samples: readonly number[]): number => quantile(samples, 0) ?? 0;

const nth = (samples: readonly number[], i: number): number => samples[i % samples.length] ?? 0;
