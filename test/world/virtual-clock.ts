import type { EpochMs } from '../../shared/domain/time.ts';
import type { Clock } from '../../shared/ports.ts';

/** A clock that stands still until it is moved; never back. */
export interface VirtualClock extends Clock {
  moveTo(at: EpochMs): void;
}

export function createVirtualClock(startsAt: EpochMs): VirtualClock {
  let now = startsAt;
  return {
    now: () => now,
    moveTo: (at) => {
      now = Math.max(now, Math.ceil(at));
    },
  };
}
