import type { Attempt, ResultJob } from '../../shared/domain/attempt.ts';
import { holdsSlot } from '../../shared/domain/capacity.ts';
import { type DefenderLimits, SUBMIT_WINDOW_MS } from '../../shared/domain/limits.ts';
import { type EpochMs, seconds } from '../../shared/domain/time.ts';
import type { WorkChange } from '../../shared/ports.ts';
import type { Invocation } from './life.ts';

/** Clocks of two instances may differ by so much without either correcting its own, and messages come a little early. */
const CLOCKS_APART_MS = seconds(6);

/**
 * Keeps its own picture of the open work: who holds which result, and how many sessions and submits are spoken for on
 * paper. A limit that is passed there is a bug even where Defender, by luck, has room.
 */
export class WorkWitness {
  readonly attempts = new Map<string, Attempt>();
  readonly #jobs = new Map<string, ResultJob>();
  /** The results that a function has claimed, by attempt and index. */
  readonly #claims = new WeakMap<Invocation, Set<string>>();
  /** Results by the action and index under which links are asked for: of the run itself, and of those who reuse it. */
  readonly #keysOf = new Map<string, Set<string>>();
  readonly #limits: DefenderLimits;
  readonly #now: () => EpochMs;
  readonly #violate: (what: string) => void;

  constructor(limits: DefenderLimits, now: () => EpochMs, violate: (what: string) => void) {
    this.#limits = limits;
    this.#now = now;
    this.#violate = violate;
  }

  written(change: WorkChange, by: Invocation | undefined): void {
    const { attempts = [], removeAttempts = [], jobs = [], removeJobs = [] } = change;
    const begun = attempts.filter(({ value }) => !this.attempts.has(value.attemptId)).length;
    for (const { value } of attempts) this.attempts.set(value.attemptId, value);
    for (const { value } of removeAttempts) this.attempts.delete(value.attemptId);
    for (const { value } of jobs) this.#jobWritten(value, by);
    for (const { value } of removeJobs) this.#jobs.delete(keyOf(value));
    if (begun > 0) this.#fitsLimits();
  }

  /** A link is asked for only by whoever holds the result. */
  linkAsked(actionId: string, index: number, by: Invocation | undefined): void {
    const keys = this.#keysOf.get(`${actionId}|${index}`) ?? new Set();
    const claimed = by && this.#claims.get(by);
    if (!claimed || keys.isDisjointFrom(claimed))
      this.#violate(`${by?.name} works on result ${index} of ${actionId} without holding it`);
  }

  #jobWritten(job: ResultJob, by: Invocation | undefined): void {
    const key = keyOf(job);
    const before = this.#jobs.get(key);
    const claims = by && (this.#claims.get(by) ?? new Set<string>());
    if (before && job.tries > before.tries && before.nextAt > this.#now() + CLOCKS_APART_MS)
      this.#violate(
        `${by?.name} takes result ${key}, which is not to be touched for ${before.nextAt - this.#now()} ms`,
      );
    if (by && claims && before) this.#claims.set(by, claims.add(key));
    this.#jobs.set(key, job);
    const asked = `${job.machineActionId}|${job.index}`;
    this.#keysOf.set(asked, (this.#keysOf.get(asked) ?? new Set()).add(key));
  }

  #fitsLimits(): void {
    const {
      sessions: configured,
      sessionsMost: sessions = configured,
      sessionsReserved,
      submitsPerMinute,
    } = this.#limits;
    const all = [...this.attempts.values()];
    const slots = all.filter(holdsSlot).length;
    if (slots > Math.max(1, sessions - sessionsReserved))
      this.#violate(`${slots} sessions are spoken for, ${sessions} less ${sessionsReserved} there are`);
    const windowAt = this.#now() - SUBMIT_WINDOW_MS + CLOCKS_APART_MS;
    const submits = all.filter((a) =>
      a.repliedAt === undefined ? a.state !== 'closed' : a.repliedAt > windowAt,
    ).length;
    if (submits > submitsPerMinute)
      this.#violate(`${submits} submits are spoken for in a minute of ${submitsPerMinute}`);
  }
}

const keyOf = ({ attemptId, index }: ResultJob): string => `${attemptId}|${index}`;
