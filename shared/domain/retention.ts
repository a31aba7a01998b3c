import type { Collection, CollectionState, Outcome } from './collection.ts';
import { listRange } from './index-keys.ts';
import { days, type EpochMs } from './time.ts';

/**
 * How long state is kept. The state of a collection that has ended goes when its time is over; evidence never does. A
 * small memory of it stays for a year more, so that a late repetition of its request does not run on devices again.
 */

/** What is remembered of a collection whose state is gone. */
export interface RemovedCollection {
  collectionId: string;
  tenantId: string;
  caseId?: string;
  createdAt: EpochMs;
  state: CollectionState;
  outcome: Outcome;
  endedAt: EpochMs;
  /** Where its evidence is listed, as it was when the state went. */
  manifest?: { blobName: string; bytes: number; sha256: string };
  removedAt: EpochMs;
  /** From here on its id, and with it its requestId, is as good as new. */
  forgetAt: EpochMs;
}

const REMEMBERED_MS = days(365);

/** A request kept beside its row: no write takes so long that its row could still come. */
export const ORPHAN_AFTER_MS = days(1);

/** Never an open one, nor one whose requester has still to be told, nor one that a heartbeat has still to look at. */
export function mayRemove(collection: Collection, retentionMs: number, now: EpochMs): boolean {
  const { ended, endedAt, callback, dueAt } = collection;
  if (!ended || endedAt === undefined || dueAt !== undefined) return false;
  return callback?.status !== 'waiting' && endedAt + retentionMs <= now;
}

/** @throws Error when it has not ended */
export function rememberedOf(collection: Collection, now: EpochMs): RemovedCollection {
  const { collectionId, tenantId, caseId, createdAt, closing, endedAt, manifest } = collection;
  if (!closing || endedAt === undefined) throw new Error(`collection ${collectionId} has not ended`);
  return {
    collectionId,
    tenantId,
    ...(caseId === undefined ? {} : { caseId }),
    createdAt,
    state: closing.state,
    outcome: closing.outcome,
    endedAt,
    ...(manifest === undefined ? {} : { manifest }),
    removedAt: now,
    forgetAt: now + REMEMBERED_MS,
  };
}

/** Rows of the list of all collections among which those to remove are: none that was created later has ended so long ago. */
export const removalRange = (retentionMs: number, now: EpochMs): { from: string; to: string } =>
  listRange('all', { to: Math.max(1, now - retentionMs + 1) });
