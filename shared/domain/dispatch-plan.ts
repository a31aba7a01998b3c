import type { Attempt } from './attempt.ts';
import { type Capacity, holdsSlot } from './capacity.ts';
import type { AgendaTask } from './index-keys.ts';
import { type EpochMs, minutes } from './time.ts';

/** A task whose turn may have come, as the agenda names it. */
export interface Candidate extends AgendaTask {
  machineId: string;
  /** Parked because its device did not answer: a try may hold a slot in vain. */
  asleep: boolean;
  /** When its row was written; rows of an earlier version do not tell. */
  writtenAt?: EpochMs;
}

/** A sleeper overdue for so long gets a try even while others wait. Ours. */
const SLEEPER_PATIENCE_MS = minutes(10);

/**
 * Which tasks to submit now, best first: lane, then order of acceptance; never two of one device; sleepers only with what
 * awake devices leave, save for one that is long overdue, so that neither blocks the other for good.
 */
export function planDispatch(
  candidates: readonly Candidate[],
  attempts: readonly Attempt[],
  capacity: Capacity,
  now: EpochMs,
): Candidate[] {
  const room = Math.min(capacity.permits, capacity.slots);
  const taken = new Set(attempts.filter(holdsSlot).map((a) => a.machineId));
  const chosen: Candidate[] = [];
  for (const candidate of inOrder(candidates, now)) {
    if (chosen.length >= room) break;
    if (taken.has(candidate.machineId)) continue;
    taken.add(candidate.machineId);
    chosen.push(candidate);
  }
  return chosen;
}

function inOrder(candidates: readonly Candidate[], now: EpochMs): Candidate[] {
  const awake = candidates.filter((c) => !c.asleep).sort(byLane);
  const sleepers = candidates.filter((c) => c.asleep).sort((a, b) => a.retryAt - b.retryAt);
  const [first, ...rest] = sleepers;
  if (first && first.retryAt + SLEEPER_PATIENCE_MS <= now) return [first, ...awake, ...rest];
  return [...awake, ...sleepers];
}

const byLane = (a: Candidate, b: Candidate): number =>
  Number(a.lane) - Number(b.lane) || a.acceptedAt - b.acceptedAt || (a.key < b.key ? -1 : 1);
