import { type EpochMs, minutes } from '../time.ts';
import { expectedRunMs, type KindOfRun, type RunTimes } from './run-times.ts';

/**
 * Of a requester's last tasks those go first that are expected to run longest, so that none of them begins when all others
 * are over and the requester waits for it alone. In a long queue the order makes no difference yet, and turns are kept; those
 * of other requesters are kept always.
 *
 * @see Graham: Bounds on Multiprocessing Timing Anomalies (1969), longest processing time first
 */

/** The last tasks: no more than the sessions take in so many turns. More would shorten it further, and keep short ones waiting. Ours. */
const LAST_TURNS = 2;
/** Only tasks that were accepted within the same such time change places: none is overtaken for good by those that keep coming. Ours, in ms. */
const TOGETHER_MS = minutes(10);

type Waiting = KindOfRun & { acceptedAt: EpochMs; requester?: string };

const isAtItsEnd = (lane: readonly Waiting[], sessions: number): boolean => lane.length <= sessions * LAST_TURNS;

/** Whether run times can change the order of a lane at all: else they need not be read. */
export function mayDiffer(lane: readonly Waiting[], sessions: number): boolean {
  return isAtItsEnd(lane, sessions) && new Set(lane.map(({ kind, platform }) => `${kind}|${platform}`)).size > 1;
}

/**
 * @param lane in the order of turns, to its very end
 * @param sessions that may be used
 */
export function longestFirst<T extends Waiting>(lane: readonly T[], sessions: number, times: RunTimes): T[] {
  if (!mayDiffer(lane, sessions)) return [...lane];
  const known = lane.flatMap((task) => expectedRunMs(times, task) ?? []);
  if (new Set(known).size < 2) return [...lane];
  // Of what nothing is known, the usual is expected.
  const usual = known.reduce((sum, ms) => sum + ms, 0) / known.length;
  const expected = (task: T): number => expectedRunMs(times, task) ?? usual;
  const togetherWith = ({ acceptedAt, requester }: T): string => `${Math.floor(acceptedAt / TOGETHER_MS)} ${requester}`;
  const longest = new Map(
    [...Map.groupBy(lane, togetherWith)].map(([time, group]) => [
      time,
      group.toSorted((a, b) => expected(b) - expected(a)),
    ]),
  );
  return lane.map((task) => longest.get(togetherWith(task))?.shift() ?? task);
}
