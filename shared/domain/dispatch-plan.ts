import type { Attempt } from './attempt.ts';
import { type Capacity, holdsPermit, holdsSlot } from './capacity.ts';
import type { AgendaTask } from './index-keys.ts';
import { SUBMIT_WINDOW_MS } from './limits.ts';
import { PRIORITIES, type Priority } from './request/collection-request.ts';
import { longestFirst, mayDiffer } from './schedule/longest-first.ts';
import type { KindOfRun, RunTimes } from './schedule/run-times.ts';
import { type EpochMs, hours, minutes, seconds } from './time.ts';

/** A task whose turn may have come, as the agenda names it. */
export interface Candidate extends AgendaTask, KindOfRun {
  machineId: string;
  /** Parked because its device did not answer: a try may hold a slot in vain. */
  asleep: boolean;
  /** May be tried before its time in a slot that is idle. Rows of an earlier version do not tell. */
  rests?: boolean;
  /** Digest of the commands that it asks for; rows of an earlier version do not tell. */
  run?: string;
  /** Digest of whose share it is; rows of earlier versions do not tell, and keep their turns. */
  requester?: string;
  /** Shares its action with nobody who asks for other files. */
  alone?: boolean;
  /** When its row was written; rows of an earlier version do not tell. */
  writtenAt?: EpochMs;
}

/** A sleeper overdue for so long gets a try even while others wait. Ours. */
const SLEEPER_PATIENCE_MS = minutes(10);
/** Of the slots, one in so many goes to such tries while others wait; at least one. Ours. */
const SLOTS_A_PROBE = 12;

/** By how much bulk is behind normal tasks, and no more: it does not wait for good behind newer ones. Ours, in ms. */
const BULK_BEHIND_MS = hours(4);

/**
 * Which tasks to submit now, best first: lane, then turn, at the end of a lane the longest first; never two of one device;
 * sleepers only with what awake devices leave, save for a few that are long overdue, so that neither blocks the other for
 * good.
 *
 * @param times how long runs take, where `dependsOnRunTimes` and the candidates are all who are ready
 */
export function planDispatch(
  candidates: readonly Candidate[],
  attempts: readonly Attempt[],
  capacity: Capacity,
  now: EpochMs,
  times: RunTimes = {},
): Candidate[] {
  return fill([], inOrder(candidates, attempts, capacity, now, times), attempts, capacity);
}

/** Whether it matters to the order how long runs of some kind take. */
export const dependsOnRunTimes = (candidates: readonly Candidate[], { slotLimit }: Capacity): boolean =>
  PRIORITIES.some((priority) => mayDiffer(awakeIn(candidates, priority), slotLimit));

/**
 * What else to submit while slots would stand idle: resting sleepers, so that Defender itself starts them the moment they
 * wake. They give way as soon as anyone needs the slot.
 *
 * @param chosen what goes before
 */
export function planHolds(
  chosen: readonly Candidate[],
  resting: readonly Candidate[],
  attempts: readonly Attempt[],
  capacity: Capacity,
  now: EpochMs,
): Candidate[] {
  const likeliest = resting
    .filter((c) => (heldFrom(c) ?? Number.POSITIVE_INFINITY) <= now)
    .sort((a, b) => a.retryAt - b.retryAt);
  return fill(chosen, likeliest, attempts, { ...capacity, permits: capacity.bulkPermits });
}

/** One that has just given way stays parked so long: whoever took its slot may need another. Ours, in ms. */
const HELD_AGAIN_MS = seconds(10);

/** From when on an idle slot may hold it; `undefined`: never before its time. */
export const heldFrom = ({ asleep, rests, since }: Candidate): EpochMs | undefined =>
  asleep && rests === true ? since + HELD_AGAIN_MS : undefined;

function fill(
  before: readonly Candidate[],
  candidates: readonly Candidate[],
  attempts: readonly Attempt[],
  { permits, bulkPermits, slots }: Capacity,
): Candidate[] {
  const taken = new Set(attempts.filter(holdsSlot).map((a) => a.machineId));
  for (const { machineId } of before) taken.add(machineId);
  const chosen = [...before];
  for (const candidate of candidates) {
    if (chosen.length >= slots || chosen.length >= permits) break;
    if (taken.has(candidate.machineId)) continue;
    if (candidate.priority === 'bulk' && chosen.length >= bulkPermits) continue;
    taken.add(candidate.machineId);
    chosen.push(candidate);
  }
  return chosen;
}

function inOrder(
  candidates: readonly Candidate[],
  attempts: readonly Attempt[],
  { slotLimit }: Capacity,
  now: EpochMs,
  times: RunTimes,
): Candidate[] {
  const laneOf = (priority: Priority) => longestFirst(awakeIn(candidates, priority), slotLimit, times);
  const awake = merged(laneOf('urgent'), laneOf('normal'), laneOf('bulk'), now);
  const sleepers = candidates.filter((c) => c.asleep).sort((a, b) => a.retryAt - b.retryAt);
  const probes = attempts.filter((a) => holdsSlot(a) && a.probe && a.begunAt === undefined).length;
  // Of few slots one is theirs only now and then, or it would be theirs always.
  const theirTurn = Math.floor(now / minutes(1)) % SLOTS_A_PROBE < slotLimit;
  const share = theirTurn ? Math.max(0, Math.max(1, Math.floor(slotLimit / SLOTS_A_PROBE)) - probes) : 0;
  const first = sleepers.filter((c) => c.retryAt + SLEEPER_PATIENCE_MS <= now).slice(0, share);
  return [...first, ...awake, ...sleepers.filter((c) => !first.includes(c))];
}

/** The tasks of a lane whose device is not known to sleep, in the order of turns. */
const awakeIn = (candidates: readonly Candidate[], priority: Priority): Candidate[] =>
  candidates.filter((c) => !c.asleep && c.priority === priority).sort(byTurn);

/** Urgent ones before all others; of normal ones and bulk, each in its order, whichever lane's next is older. */
function merged(urgent: Candidate[], normal: Candidate[], bulk: Candidate[], now: EpochMs): Candidate[] {
  const both: Candidate[] = [];
  let taken = 0;
  const oldest = oldestFrom(normal, now);
  for (const [place, next] of normal.entries()) {
    const before = (oldest[place] ?? 0) - BULK_BEHIND_MS;
    for (let old = bulk[taken]; old && dueSince(old, now) < before; old = bulk[taken]) {
      both.push(old);
      taken += 1;
    }
    both.push(next);
  }
  return [...urgent, ...both, ...bulk.slice(taken)];
}

/** Since when the longest due of each task and those behind it is: one that has just come may stand before older ones. */
function oldestFrom(tasks: readonly Candidate[], now: EpochMs): EpochMs[] {
  const since = tasks.map((task) => dueSince(task, now));
  for (let i = since.length - 2; i >= 0; i -= 1) since[i] = Math.min(since[i] ?? now, since[i + 1] ?? now);
  return since;
}

const byTurn = (a: Candidate, b: Candidate): number =>
  a.turn - b.turn || a.acceptedAt - b.acceptedAt || (a.key < b.key ? -1 : 1);

/** A busy lane's turns fall behind the clock, so they alone do not tell age; and a task is no older than its turn. */
const dueSince = ({ turn, acceptedAt }: Candidate, now: EpochMs): EpochMs => Math.min(now, Math.max(turn, acceptedAt));

/** Slots that waiting tasks would fill at once, beyond the free ones. */
export interface Demand {
  tasks: number;
  /** Of them, urgent ones whose device is not known to sleep. */
  urgent: number;
}

/** A slot that is given up now is free so soon: only permits that are there by then can fill it. Ours, in ms. */
const SOON_MS = seconds(15);

/** @param due tasks whose turn has come */
export function demandOf(
  due: readonly Candidate[],
  attempts: readonly Attempt[],
  capacity: Capacity,
  now: EpochMs,
): Demand {
  const held = new Set(attempts.filter(holdsSlot).map((a) => a.machineId));
  const waiting = due.filter((c) => !held.has(c.machineId));
  const permits = capacity.pausedUntil === undefined ? capacity.permits + returningSoon(attempts, now) : 0;
  const wanted = (tasks: Candidate[]): number =>
    Math.max(0, Math.min(new Set(tasks.map((c) => c.machineId)).size, permits) - capacity.slots);
  return { tasks: wanted(waiting), urgent: wanted(waiting.filter((c) => c.priority === 'urgent' && !c.asleep)) };
}

const returningSoon = (attempts: readonly Attempt[], now: EpochMs): number =>
  attempts.filter((a) => holdsPermit(a, now) && (a.repliedAt ?? now) + SUBMIT_WINDOW_MS <= now + SOON_MS).length;
