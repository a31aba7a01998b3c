import type { Priority } from './request/collection-request.ts';
import type { TaskState } from './task.ts';
import type { EpochMs } from './time.ts';

/** States of a collection as callers see them (api.md, "Reading"). */
export type CollectionState =
  | 'queued'
  | 'running'
  | 'archiving'
  | 'cancelling'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'expired';

export type Outcome = 'complete' | 'partial' | 'none';

export type Counts = Record<TaskState, number> & { total: number };

/** What is known of the caller: an identity in `entra` mode, else workflow headers or the queue. */
export interface RequestedBy {
  kind: 'entra' | 'http' | 'queue';
  /** Entra object or application id; absent in `key` mode. */
  id?: string;
  name?: string;
  workflowRunId?: string;
  clientTrackingId?: string;
  messageId?: string;
}

export interface CancelRequest {
  at: EpochMs;
  comment?: string;
  by: RequestedBy;
}

/** How far the promise to tell the requester has come. The address is sealed: only the callback sender can open it. */
export interface CallbackProgress {
  sealedUrl: string;
  eventId: string;
  status: 'waiting' | 'delivered' | 'givenUp';
  tries: number;
  firstTriedAt?: EpochMs;
  /** The last wait between two tries, in ms. */
  waitMs?: number;
  nextAt?: EpochMs;
  lastHttpStatus?: number;
}

/**
 * The header of a collection: the one row through which every change of the collection passes, so that state, counts
 * and the custody log can never disagree.
 */
export interface Collection {
  collectionId: string;
  tenantId: string;
  requestId?: string;
  requestedBy: RequestedBy;
  caseId?: string;
  comment?: string;
  priority: Priority;
  createdAt: EpochMs;
  updatedAt: EpochMs;
  expiresAt: EpochMs;
  /** Targets asked for, and how many of them already have their task rows; expansion resumes there after a crash. */
  targets: number;
  expandedTargets: number;
  /** Every task row is there and every target is resolved, or its task has failed. */
  expanded: boolean;
  /** Failed tries in a row to resolve the targets, for growing waits. */
  resolveFaults: number;
  /** SHA-256 of the canonical body, and in which scope its requestId counts. */
  bodyDigest: string;
  /** Digest of the commands alone: requests with the same one may share a run. Absent in rows of earlier versions. */
  run?: string;
  /** Digest of what the commands do, whatever their arguments: runs of one kind take about as long. Absent in rows of earlier versions. */
  kind?: string;
  counts: Counts;
  cancel?: CancelRequest;
  /** Set once every task has ended: the manifest is written from this and then the collection is `ended`. */
  closing?: { at: EpochMs; state: CollectionState; outcome: Outcome };
  ended: boolean;
  /** How long its state is kept counts from here. Present once `ended`. */
  endedAt?: EpochMs;
  /** `blobName` and SHA-256 (lowercase hex) of the manifest, once stored. */
  manifest?: { blobName: string; bytes: number; sha256: string };
  callback?: CallbackProgress;
  /**
   * The turn of the first place, and from one place to the next, in ms: given with the first tasks, never changed. Absent in
   * rows of earlier versions, whose tasks all have the turn of their acceptance.
   */
  turnsFrom?: EpochMs;
  turnEveryMs?: number;
  /** Sequence number of the next custody event. */
  nextSequence: number;
  /** When a heartbeat must look at this collection at the latest; also the key of its agenda row. Absent: never again. */
  dueAt?: EpochMs;
}

/** The state that callers see, derived so that it cannot disagree with the counts. */
export function collectionState(collection: Collection): CollectionState {
  if (collection.ended && collection.closing) return collection.closing.state;
  if (collection.cancel) return 'cancelling';
  const { counts } = collection;
  const active = counts.submitting + counts.pending + counts.running;
  if (active > 0) return 'running';
  const waiting = counts.queued + counts.parked;
  const ended = counts.archived + counts.partial + counts.failed + counts.cancelled + counts.expired;
  if (waiting > 0 || !collection.expanded) return ended + counts.archiving > 0 ? 'running' : 'queued';
  return 'archiving';
}

export function emptyCounts(): Counts {
  return {
    total: 0,
    queued: 0,
    parked: 0,
    submitting: 0,
    pending: 0,
    running: 0,
    archiving: 0,
    archived: 0,
    partial: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
  };
}
