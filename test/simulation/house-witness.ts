import type { Attempt, ServedTask } from '../../shared/domain/attempt.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import { type EpochMs, seconds } from '../../shared/domain/time.ts';
import type { WorkWitness } from './work-witness.ts';

/** The clock of whoever removes may be ahead by so much. */
const CLOCK_AHEAD_MS = seconds(6);

export interface HouseRules {
  retentionMs: number;
  now(): EpochMs;
  /** Of the attempt that a task was last told of. */
  attemptOf(task: ServedTask): string | undefined;
  violate(what: string): void;
}

/** Sees that nothing goes before its time: no open collection, none whose requester waits for word, none with open work. */
export class HouseWitness {
  /** When the state of each removed collection went. */
  readonly removedAt = new Map<string, EpochMs>();
  readonly #work: WorkWitness;
  readonly #rules: HouseRules;

  constructor(work: WorkWitness, rules: HouseRules) {
    this.#work = work;
    this.#rules = rules;
  }

  removed({ collectionId, ended, endedAt, callback }: Collection): void {
    const { retentionMs, now, violate } = this.#rules;
    this.removedAt.set(collectionId, now());
    if (!ended || endedAt === undefined) violate(`collection ${collectionId} was removed and had not ended`);
    else if (endedAt + retentionMs > now() + CLOCK_AHEAD_MS)
      violate(`collection ${collectionId} was removed before its time`);
    if (callback?.status === 'waiting')
      violate(`collection ${collectionId} was removed before its callback was settled`);
    const open = [...this.#work.attempts.values()].find((attempt) => this.#needs(attempt, collectionId));
    if (open) violate(`collection ${collectionId} was removed while attempt ${open.attemptId} is ${open.state}`);
  }

  /** An intent from a stale turn needs nothing: a task that had ended before hears of no attempt, and none is sent for it. */
  #needs({ attemptId, state, tasks }: Attempt, collectionId: string): boolean {
    const mine = tasks.filter((task) => task.collectionId === collectionId);
    const concerned = state === 'submitting' ? mine.filter((t) => this.#rules.attemptOf(t) === attemptId) : mine;
    return state !== 'closed' && concerned.length > 0;
  }
}
