import { type Walk, walkFrom } from '../../../shared/domain/schedule/estimate.ts';
import { placesFrom } from '../../../shared/domain/schedule/places.ts';
import { days, hours, minutes } from '../../../shared/domain/time.ts';
import { mulberry32, seedFrom } from '../simulated-tenant/model/random.ts';
import { ASSUMED } from './assumptions.ts';
import type { PlanWish } from './options.ts';
import { pollEveryMs } from './polling.ts';

/** How one drawn fleet would go. Instants are ms from the request, in order of time. */
export interface Run {
  /** When the last device has had its first turn. */
  allTriedAt: number;
  /** Evidence of devices that are awake now. */
  awakeAt: number[];
  /** Evidence of devices that sleep now. */
  sleepersAt: number[];
  /** Devices that were not met awake before the request expired. */
  missed: number;
  submitsAt: number[];
  cancelsAt: number[];
  linksAt: number[];
}

/** A device that did not answer at its first turn. */
interface Parked {
  wakesAt: number;
  /** When its session was given up. */
  parkedAt: number;
}

/** Draws a fleet and walks through its schedule: everybody's first turn in order, then sleepers as they are met awake. */
export function oneRun(wish: PlanWish, seed: number): Run {
  const { limits, probationMs } = wish;
  const draw = mulberry32(seed);
  const walk = walkFrom({
    from: 0,
    submitsPerMinute: limits.submitsPerMinute,
    permitsAt: [],
    sessions: limits.sessions - limits.sessionsReserved,
    sessionsAt: [],
  });
  for (let i = 0; i < wish.queued; i += 1) walk.start(drawSlotMs(wish, draw));
  const run: Run = { allTriedAt: 0, awakeAt: [], sleepersAt: [], missed: 0, submitsAt: [], cancelsAt: [], linksAt: [] };
  const parked: Parked[] = [];
  for (const asleep of drawOrder(wish, mulberry32(seedFrom(seed, 'order')))) {
    const turnAt = walk.nextAt();
    const wakesAt = asleep ? Math.round(draw() * wish.asleepMs) : 0;
    const answersAfter = Math.max(0, wakesAt - turnAt);
    run.allTriedAt = turnAt;
    if (answersAfter > probationMs) {
      const holdsMs = probationMs + ASSUMED.cancelTakesMs;
      walk.start(holdsMs);
      run.cancelsAt.push(turnAt + probationMs);
      parked.push({ wakesAt, parkedAt: turnAt + holdsMs });
    } else {
      const holdsMs = answersAfter + drawSlotMs(wish, draw);
      walk.start(holdsMs);
      (asleep ? run.sleepersAt : run.awakeAt).push(turnAt + holdsMs);
    }
    run.submitsAt.push(turnAt);
  }
  collectSleepers(wish, parked, walk, draw, run);
  return withLinks(wish, run);
}

/** Time in a session until a poll has seen its end. */
const drawSlotMs = (wish: PlanWish, draw: () => number): number =>
  Math.round(wish.slotMs * spread(draw) + pollEveryMs(wish) / 2);

/** Lognormal with mean 1. */
function spread(draw: () => number): number {
  const z = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return Math.exp(ASSUMED.sessionSigma * z - ASSUMED.sessionSigma ** 2 / 2);
}

/** Whether each device sleeps, in order of turns: as many as asked for, anywhere. */
function drawOrder({ devices, asleep }: PlanWish, draw: () => number): boolean[] {
  const order = Array.from({ length: devices }, (_, place) => place < Math.round(devices * asleep));
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j] ?? false, order[i] ?? false];
  }
  return order;
}

/** Tries sleepers in turn, again and again, until each is met awake or its request expires. Tries take submits and sessions. */
function collectSleepers(wish: PlanWish, parked: readonly Parked[], walk: Walk, draw: () => number, run: Run): void {
  const gapMs = Math.round(days(1) / ASSUMED.triesPerDay);
  const givesUpMs = wish.probationMs + ASSUMED.cancelTakesMs;
  const turns = parked
    .map(({ wakesAt, parkedAt }) => ({ wakesAt, dueAt: parkedAt + Math.round(gapMs * draw()) }))
    .sort((a, b) => a.dueAt - b.dueAt);
  // Who is tried in vain goes to the end: all gaps are alike, so the order of time is kept.
  for (const { wakesAt, dueAt } of turns) {
    const at = Math.max(dueAt, walk.nextAt());
    if (at >= ASSUMED.expiresAfterMs) {
      run.missed += 1;
      continue;
    }
    const awake = isAwake(wish, wakesAt, at);
    const holdsMs = awake ? drawSlotMs(wish, draw) : givesUpMs;
    walk.start(holdsMs, at);
    run.submitsAt.push(at);
    if (awake) run.sleepersAt.push(at + holdsMs);
    else {
      run.cancelsAt.push(at + wish.probationMs);
      turns.push({ wakesAt, dueAt: at + holdsMs + gapMs });
    }
  }
}

const isAwake = ({ asleepMs, awakeMs }: PlanWish, wakesAt: number, at: number): boolean =>
  at >= wakesAt && (at - wakesAt) % (awakeMs + asleepMs) < awakeMs;

/** Evidence is there when Defender has given a link for each of its results, within the budget of that endpoint. */
function withLinks({ results, limits }: PlanWish, run: Run): Run {
  const inMinute = placesFrom(0, limits.callsPerMinute);
  const inHour = placesFrom(0, limits.callsPerHour);
  const linksAt: number[] = [];
  const link = (readyAt: number): number => {
    const at = Math.max(readyAt, inMinute.freeAt(), inHour.freeAt());
    inMinute.take(at + minutes(1));
    inHour.take(at + hours(1));
    linksAt.push(at);
    return at;
  };
  const ready = [
    ...run.awakeAt.map((at) => ({ at, slept: false })),
    ...run.sleepersAt.map((at) => ({ at, slept: true })),
  ].sort((a, b) => a.at - b.at);
  const there = ready.map(({ at, slept }) => {
    let last = at;
    for (let i = 0; i < results; i += 1) last = link(at);
    return { at: last, slept };
  });
  const evidence = (slept: boolean) => there.filter((e) => e.slept === slept).map((e) => e.at);
  const ordered = (instants: number[]) => instants.sort((a, b) => a - b);
  const { submitsAt, cancelsAt } = run;
  return {
    ...run,
    awakeAt: evidence(false),
    sleepersAt: evidence(true),
    submitsAt: ordered(submitsAt),
    cancelsAt: ordered(cancelsAt),
    linksAt,
  };
}
