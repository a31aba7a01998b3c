import type { Collection } from '../../shared/domain/collection.ts';
import { type EpochMs, seconds } from '../../shared/domain/time.ts';
import type { WorkWitness } from './work-witness.ts';

/** The clock of whoever removes may be ahead by so much. */
const CLOCK_AHEAD_MS = seconds(6);

/** Sees that nothing goes before its time: no open collection, none whose requester waits for word, none with open work. */
export class HouseWitness {
  /** When the state of each removed collection went. */
  readonly removedAt = new Map<string, EpochMs>();
  readonly #work: WorkWitness;
  readonly #keeps: { retentionMs: number; now(): EpochMs; violate(what: string): void };

  constructor(work: WorkWitness, keeps: { retentionMs: number; now(): EpochMs; violate(what: string): void }) {
    this.#work = work;
    this.#keeps = keeps;
  }

  removed({ collectionId, ended, endedAt, callback }: Collection): void {
    const { retentionMs, now, violate } = this.#keeps;
    this.removedAt.set(collectionId, now());
    if (!ended || endedAt === undefined) violate(`collection ${collectionId} was removed and had not ended`);
    else if (endedAt + retentionMs > now() + CLOCK_AHEAD_MS)
      violate(`collection ${collectionId} was removed before its time`);
    if (callback?.status === 'waiting')
      violate(`collection ${collectionId} was removed before its callback was settled`);
    const open = [...this.#work.attempts.values()].find(
      ({ state, tasks }) => state !== 'closed' && tasks.some((task) => task.collectionId === collectionId),
    );
    if (open) violate(`collection ${collectionId} was removed while attempt ${open.attemptId} is ${open.state}`);
  }
}
