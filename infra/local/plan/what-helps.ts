import { minutes } from '../../../shared/domain/time.ts';
import type { PlanWish } from './options.ts';

/** Defender's newer page allows so many sessions of a tenant, older ones half of it. */
const SESSIONS_OF_SOME = 50;
/** What saves less is not worth a change. */
const WORTH_IT = 0.95;

export interface Help {
  what: string;
  /** When the evidence of the last device that is awake now would be there, in ms from the request. */
  lastStored: number;
}

interface Change {
  what: string;
  wish: PlanWish;
}

/**
 * What would bring the last evidence of awake devices sooner, the best first.
 * @param lastStored when that is, for a wish, in ms
 */
export function whatHelps(wish: PlanWish, lastStored: (wish: PlanWish) => number): Help[] {
  if (wish.asleep >= 1) return [];
  const now = lastStored(wish);
  return changes(wish)
    .map(({ what, wish: changed }) => ({ what, lastStored: lastStored(changed) }))
    .filter((help) => help.lastStored < now * WORTH_IT)
    .sort((a, b) => a.lastStored - b.lastStored);
}

function changes(wish: PlanWish): Change[] {
  const { limits, slotMs, results, asleep, devices, queued } = wish;
  const { sessions, sessionsReserved } = limits;
  const changed: Change[] = [
    {
      what: `a script of half the time (${slotMs / minutes(2)} min of a session)`,
      wish: { ...wish, slotMs: slotMs / 2 },
    },
  ];
  if (sessions < SESSIONS_OF_SOME)
    changed.push({
      what: `DEFENDER_SESSIONS=${SESSIONS_OF_SOME}, where Defender gives the tenant so many`,
      wish: { ...wish, limits: { ...limits, sessions: SESSIONS_OF_SOME } },
    });
  if (sessionsReserved > 0)
    changed.push({
      what: 'DEFENDER_SESSIONS_RESERVED=0, while nobody needs the portal',
      wish: { ...wish, limits: { ...limits, sessionsReserved: 0 } },
    });
  if (results > 1)
    changed.push({ what: 'one result of each device: let the script pack them', wish: { ...wish, results: 1 } });
  if (queued > 0) changed.push({ what: 'priority urgent: before what waits already', wish: { ...wish, queued: 0 } });
  if (asleep > 0) {
    const awake = devices - Math.round(devices * asleep);
    changed.push({
      what: 'asking for those that sleep in a request of their own, with priority bulk',
      wish: { ...wish, devices: awake, asleep: 0 },
    });
  }
  return changed;
}
