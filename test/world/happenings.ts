import type { EpochMs } from '../../shared/domain/time.ts';

/** What a test lets happen at some instant; in order of time, then of being planned. */
export interface Happenings {
  nextAt(): EpochMs | undefined;
  plan(at: EpochMs, happen: () => unknown): void;
  /** Lets everything happen that is due. */
  happen(now: EpochMs): Promise<void>;
}

export function createHappenings(): Happenings {
  let planned: { at: EpochMs; happen: () => unknown }[] = [];
  return {
    nextAt: () => planned[0]?.at,
    plan: (at, happen) => {
      planned = [...planned, { at, happen }].sort((a, b) => a.at - b.at);
    },
    happen: async (now) => {
      for (let [next] = planned; next && next.at <= now; [next] = planned) {
        planned = planned.slice(1);
        await next.happen();
      }
    },
  };
}
