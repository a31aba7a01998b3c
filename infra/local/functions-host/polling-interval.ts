/** The Functions host's shortest wait between two looks into a queue. */
export const MIN_POLLING_INTERVAL_MS = 100;

export interface PollingInterval {
  /** after an empty look: the wait before the next, longer each time up to the limit */
  next(): number;
  /** after a look that found something */
  reset(): void;
}

/**
 * Doubles the wait, give or take a fifth, so that several hosts do not look at the same moments.
 * @param maxMs `maxPollingInterval`
 * @param random 0 to 1
 */
export function pollingInterval(maxMs: number, random: () => number = Math.random): PollingInterval {
  let wait = 0;
  return {
    next() {
      const grown = wait === 0 ? MIN_POLLING_INTERVAL_MS : wait * 2 * (0.8 + 0.4 * random());
      wait = Math.min(grown, Math.max(maxMs, MIN_POLLING_INTERVAL_MS));
      return wait;
    },
    reset() {
      wait = 0;
    },
  };
}
