import { type Attempt, pendingSince } from '../attempt.ts';
import type { EpochMs } from '../time.ts';
import { type KindOfRun, type RunTimes, withRunTime } from './run-times.ts';

/**
 * What Holdfast has seen of the tenant's devices: how long the latest runs took, stage by stage, in ms, the newest last.
 * What differs between fleets is learned here, not set.
 */
export interface Lessons extends Stages {
  /** From the first sign of life to the end of the last command, by kind of run. Absent in what earlier versions kept. */
  runTimes?: RunTimes;
}

interface Stages {
  /** From the submit to the first sign of life, of devices that were not known to sleep. */
  starts: number[];
  /** From the first sign of life to the end of the last command. */
  runs: number[];
  /** From the end of the last command to the action's final state. */
  lags: number[];
  /** From asking for a cancel to its effect. */
  cancels: number[];
}

export const NO_LESSONS: Lessons = { starts: [], runs: [], lags: [], cancels: [] };

/** So many of each are kept: enough for a distribution, few enough to follow a fleet that changes. */
const KEPT = 100;
/** Fewer teach nothing. */
const ENOUGH = 10;

/** What one look at an action taught. */
export type Lesson = { of: keyof Stages; ms: number; kind?: KindOfRun };

export function withLessons(lessons: Lessons, learned: readonly Lesson[]): Lessons {
  const next = { ...lessons };
  for (const { of, ms, kind } of learned) {
    next[of] = [...next[of], Math.round(ms)].slice(-KEPT);
    if (kind) next.runTimes = withRunTime(next.runTimes ?? {}, kind, ms);
  }
  return next;
}

/**
 * What the newest look teaches beyond what the attempt knew before.
 *
 * @param before as it was before the look
 * @param after with what the look showed
 * @param startsWithinMs longer waits for a first sign of life are sleep, and teach nothing about awake devices
 */
export function lessonsOf(before: Attempt, after: Attempt, startsWithinMs: number): Lesson[] {
  const { begunAt, doneAt, finalAt, cancel, repliedAt } = after;
  const lessons: Lesson[] = [];
  const learn = (of: keyof Stages, from: EpochMs | undefined, to: EpochMs | undefined, kind?: KindOfRun): void => {
    if (from !== undefined && to !== undefined && to >= from)
      lessons.push({ of, ms: to - from, ...(kind ? { kind } : {}) });
  };
  if (before.begunAt === undefined && repliedAt !== undefined && !after.probe) {
    const startedInTime = begunAt !== undefined && begunAt - pendingSince(after) <= startsWithinMs;
    if (startedInTime) learn('starts', repliedAt, begunAt);
  }
  if (before.doneAt === undefined) learn('runs', begunAt, doneAt, kindOf(after));
  if (before.finalAt === undefined) {
    learn('lags', doneAt, finalAt);
    if (cancel !== undefined && begunAt === undefined) learn('cancels', cancel.requestedAt, finalAt);
  }
  return lessons;
}

/** Of several requests in one action none took as long as it did. */
const kindOf = ({ kind, platform, behind }: Attempt): KindOfRun | undefined =>
  kind === undefined || behind ? undefined : { kind, ...(platform === undefined ? {} : { platform }) };

/** The value below which this part of the samples lies; `undefined` while they are too few to tell. */
export function quantile(samples: readonly number[], part: number): number | undefined {
  if (samples.length < ENOUGH) return undefined;
  const sorted = inOrder.get(samples) ?? [...samples].sort((a, b) => a - b);
  inOrder.set(samples, sorted);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

/** Samples are asked about for every open attempt of a tick, and are never changed: new ones make a new list. */
const inOrder = new WeakMap<readonly number[], readonly number[]>();

export const isEnough = (samples: readonly number[]): boolean => samples.length >= ENOUGH;

/** How long an action of an awake device holds its session on average, in ms; `undefined` while too little was seen. */
export function usualSlotMs({ starts, runs, lags }: Lessons): number | undefined {
  const stages = [starts, runs, lags];
  if (!stages.every(isEnough)) return undefined;
  const mean = (samples: readonly number[]): number => samples.reduce((sum, ms) => sum + ms, 0) / samples.length;
  return Math.round(stages.reduce((sum, samples) => sum + mean(samples), 0));
}
