import { hours, minutes } from '../../../shared/domain/time.ts';
import { ASSUMED } from './assumptions.ts';
import { oneRun, type Run } from './one-run.ts';
import type { PlanWish } from './options.ts';
import { pollEveryMs } from './polling.ts';
import { type Help, whatHelps } from './what-helps.ts';

/** Of many runs: what half of them keep to, and what nine of ten do. In ms from the request. */
export interface Spread {
  p50: number;
  p90: number;
}

export interface Stage {
  devices: number;
  halfStored: Spread;
  lastStored: Spread;
}

/** `list polls` are those until all awake devices are done. */
export interface CallsOfPlan {
  what: 'submits' | 'list polls' | 'result links' | 'cancels';
  total: number;
  busiestHour: number;
  /** What Defender allows. */
  perHour: number;
}

/** What keeps the schedule from being faster. */
export type Limit = 'submits' | 'sessions' | 'links' | 'nothing';

export interface Plan {
  wish: PlanWish;
  runs: number;
  /** When every device has had its first turn. */
  allTried: Spread;
  /** Absent when all sleep. */
  awake?: Stage;
  /** Absent when none sleeps. Depends on when they wake. */
  asleep?: Stage & { missed: number };
  calls: CallsOfPlan[];
  /** What each limit would let start in a minute. */
  startsPerMinute: Record<Exclude<Limit, 'nothing'>, number>;
  limitedBy: Limit;
  helps: Help[];
}

/** Odd, so that there is one in the middle. */
const RUNS = { most: 41, least: 5 };
/** Devices walked through in all runs together. */
const DEVICES_AT_MOST = 1_000_000;

export function makePlan(wish: PlanWish): Plan {
  const most = Math.floor(DEVICES_AT_MOST / (wish.devices + wish.queued));
  const runs = runsOf(wish, Math.max(RUNS.least, Math.min(RUNS.most, most)));
  const sleeping = Math.round(wish.devices * wish.asleep);
  const startsPerMinute = ratesOf(wish);
  const limitedBy = limitOf(wish, startsPerMinute);
  const plan: Plan = {
    wish,
    runs: runs.length,
    allTried: spreadOf(runs, (r) => r.allTriedAt),
    calls: callsOf(wish, runs),
    startsPerMinute,
    limitedBy,
    helps: limitedBy === 'nothing' ? [] : whatHelps(wish, lastAwake),
  };
  if (sleeping < wish.devices) plan.awake = stageOf(wish.devices - sleeping, runs, (r) => r.awakeAt);
  if (sleeping > 0)
    plan.asleep = { ...stageOf(sleeping, runs, (r) => r.sleepersAt), missed: spreadOf(runs, (r) => r.missed).p50 };
  return plan;
}

const runsOf = (wish: PlanWish, count: number): Run[] => Array.from({ length: count }, (_, i) => oneRun(wish, i + 1));

/** When the evidence of the last device that is awake now is there, in half of a few runs; in ms. */
const lastAwake = (wish: PlanWish): number => spreadOf(runsOf(wish, RUNS.least), (r) => r.awakeAt.at(-1) ?? 0).p50;

function stageOf(devices: number, runs: readonly Run[], evidence: (run: Run) => number[]): Stage {
  return {
    devices,
    halfStored: spreadOf(runs, (run) => atShare(evidence(run), 0.5)),
    lastStored: spreadOf(runs, (run) => atShare(evidence(run), 1)),
  };
}

const spreadOf = (runs: readonly Run[], figure: (run: Run) => number): Spread => {
  const ordered = runs.map(figure).sort((a, b) => a - b);
  return { p50: atShare(ordered, 0.5), p90: atShare(ordered, 0.9) };
};

/** Nearest rank; 0 of nothing. */
const atShare = (ordered: readonly number[], share: number): number =>
  ordered[Math.max(0, Math.ceil(ordered.length * share) - 1)] ?? 0;

/** In the run in the middle, by submits. */
function callsOf(wish: PlanWish, runs: readonly Run[]): CallsOfPlan[] {
  const { submitsPerMinute, callsPerHour } = wish.limits;
  const ordered = [...runs].sort((a, b) => a.submitsAt.length - b.submitsAt.length);
  const run = ordered[Math.floor(ordered.length / 2)];
  if (run === undefined) return [];
  const calls = (what: CallsOfPlan['what'], at: readonly number[], perHour: number): CallsOfPlan => ({
    what,
    total: at.length,
    busiestHour: busiestHour(at),
    perHour,
  });
  const everyMs = pollEveryMs(wish);
  const polls = Math.ceil(Math.max(run.allTriedAt, ...run.awakeAt.slice(-1)) / everyMs);
  return [
    calls('submits', run.submitsAt, submitsPerMinute * 60),
    {
      what: 'list polls',
      total: polls,
      busiestHour: Math.min(polls, Math.ceil(hours(1) / everyMs)),
      perHour: callsPerHour,
    },
    calls('result links', run.linksAt, callsPerHour),
    ...(wish.asleep > 0 ? [calls('cancels', run.cancelsAt, callsPerHour)] : []),
  ];
}

function busiestHour(at: readonly number[]): number {
  let first = 0;
  return at.reduce((most, instant, place) => {
    while ((at[first] ?? instant) <= instant - hours(1)) first += 1;
    return Math.max(most, place - first + 1);
  }, 0);
}

function ratesOf(wish: PlanWish): Plan['startsPerMinute'] {
  const { limits, asleep, results, probationMs } = wish;
  const awakeMs = wish.slotMs + pollEveryMs(wish) / 2;
  const heldMs = (1 - asleep) * awakeMs + asleep * (probationMs + ASSUMED.cancelTakesMs);
  const linksEach = results * (1 - asleep);
  return {
    submits: limits.submitsPerMinute,
    sessions: ((limits.sessions - limits.sessionsReserved) * minutes(1)) / heldMs,
    links: linksEach === 0 ? Number.POSITIVE_INFINITY : limits.callsPerHour / 60 / linksEach,
  };
}

function limitOf({ devices, queued, limits }: PlanWish, rates: Plan['startsPerMinute']): Limit {
  const atOnce = Math.min(limits.submitsPerMinute, limits.sessions - limits.sessionsReserved);
  if (devices + queued <= atOnce) return 'nothing';
  if (rates.links < Math.min(rates.submits, rates.sessions)) return 'links';
  return rates.sessions < rates.submits ? 'sessions' : 'submits';
}
