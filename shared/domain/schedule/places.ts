import type { EpochMs } from '../time.ts';

/** So many things at a time: sessions, or permits that return some time after they were used. */
export interface Places {
  /** When the next one is free. */
  freeAt(): EpochMs;
  /** Takes the one that is free first. @param until epoch ms at which it is free again */
  take(until: EpochMs): void;
}

/**
 * @param from epoch ms before which nothing is taken
 * @param takenUntil when those in use are free again; of more than there may be, the first to end leave no place
 */
export function placesFrom(from: EpochMs, count: number, takenUntil: readonly EpochMs[] = []): Places {
  const taken = takenUntil
    .map((at) => Math.max(at, from))
    .sort((a, b) => a - b)
    .slice(-count);
  // Settings may allow a million: those that nobody has used yet are only counted.
  let unused = count - taken.length;
  return {
    freeAt: () => (unused > 0 ? from : (taken[0] ?? from)),
    take: (until) => {
      if (unused > 0) unused -= 1;
      else taken.shift();
      let at = taken.length;
      while (at > 0 && (taken[at - 1] ?? 0) > until) at -= 1;
      taken.splice(at, 0, until);
    },
  };
}
