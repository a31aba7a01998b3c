import type { Attempt } from '../attempt.ts';
import { seconds } from '../time.ts';
import { type Lessons, quantile } from './lessons.ts';

/**
 * Nearly all awake devices have begun by then. The cancel takes some seconds more to take effect, in which the last of
 * them begin; one that has begun runs on.
 */
const NEARLY_ALL = 0.97;
/** Shorter ones would be guesses about a device's network, not about its sleep. Ours, in ms. */
const SHORTEST_MS = seconds(30);
/** Starts that are few. Ours. */
const FEW = 8;
/** One attempt in so many has the whole ceiling, so that devices that start more slowly than any seen can be learned. */
const EXPLORED = 48;

/**
 * How long this attempt may hold its slot without a sign of life while others wait, in ms.
 * @param ceilingMs `PROBATION_SECONDS`
 */
export function probationOf({ attemptId }: Attempt, lessons: Lessons, ceilingMs: number): number {
  const usual = quantile(lessons.starts, NEARLY_ALL);
  if (usual === undefined || isExplorer(attemptId)) return ceilingMs;
  return Math.min(ceilingMs, Math.max(SHORTEST_MS, usual * doubt(lessons.starts.length)));
}

/** The first to begin are the fastest: while few were seen, the slow ones among them are still to come. */
const doubt = (seen: number): number => 1 + (FEW / seen) ** 2;

/** By the id alone, so that every instance and every tick decides the same. */
function isExplorer(attemptId: string): boolean {
  let sum = 0;
  for (const character of attemptId) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return sum % EXPLORED === 0;
}
