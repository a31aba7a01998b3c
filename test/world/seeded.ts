import { mulberry32 } from '../../infra/local/simulated-tenant/model/random.ts';
import type { Clock, Ids, Random } from '../../shared/ports.ts';

/** Chance and ids of a world: the same seed tells the same story. */

export const seededRandom = (seed: number): Random => mulberry32(seed);

/** UUIDs of version 7 by the world's clock, told apart by a counter. */
export function seededIds(clock: Clock): Ids {
  let made = 0;
  return {
    next: () => {
      const time = clock.now().toString(16).padStart(12, '0');
      const count = (++made).toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`;
    },
  };
}
