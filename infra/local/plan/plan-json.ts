import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { Plan, Spread, Stage } from './plan.ts';

/** A plan for programs. Whole seconds from the request. */
export function planJson({ wish, runs, allTried, awake, asleep, calls, startsPerMinute, limitedBy, helps }: Plan) {
  const { limits, slotMs, asleepMs, awakeMs, probationMs } = wish;
  return {
    asked: {
      devices: wish.devices,
      asleep: wish.asleep,
      minutes: slotMs / minutes(1),
      results: wish.results,
      queued: wish.queued,
      asleepHours: asleepMs / hours(1),
      awakeHours: awakeMs / hours(1),
    },
    limits: {
      submitsPerMinute: limits.submitsPerMinute,
      sessions: limits.sessions - limits.sessionsReserved,
      callsPerMinute: limits.callsPerMinute,
      callsPerHour: limits.callsPerHour,
      probationSeconds: probationMs / seconds(1),
    },
    runs,
    allTriedSeconds: spreadIn(allTried),
    awake: awake ? stageIn(awake) : null,
    asleep: asleep ? { ...stageIn(asleep), missed: asleep.missed } : null,
    calls,
    startsPerMinute: {
      ...startsPerMinute,
      links: Number.isFinite(startsPerMinute.links) ? startsPerMinute.links : null,
    },
    limitedBy,
    helps: helps.map(({ what, lastStored }) => ({ what, lastStoredSeconds: inSeconds(lastStored) })),
  };
}

const stageIn = ({ devices, halfStored, lastStored }: Stage) => ({
  devices,
  halfStoredSeconds: spreadIn(halfStored),
  lastStoredSeconds: spreadIn(lastStored),
});

const spreadIn = ({ p50, p90 }: Spread) => ({ p50: inSeconds(p50), p90: inSeconds(p90) });
const inSeconds = (ms: number): number => Math.ceil(ms / seconds(1));
