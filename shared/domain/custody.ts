import type { EpochMs } from './time.ts';

/** What can happen to a collection and its evidence. New types may be added; none changes its meaning. */
export type CustodyEventType =
  | 'collection.accepted'
  | 'collection.expanded'
  | 'collection.cancelRequested'
  | 'collection.closing'
  | 'collection.ended'
  | 'task.resolved'
  | 'task.parked'
  | 'task.requeued'
  | 'task.ended'
  | 'attempt.intended'
  | 'attempt.joined'
  | 'attempt.left'
  | 'attempt.closed'
  | 'action.submitted'
  | 'action.adopted'
  | 'action.began'
  | 'action.cancelRequested'
  | 'action.ended'
  | 'evidence.reused'
  | 'artifact.archived'
  | 'artifact.notStored'
  | 'artifact.linkIssued'
  | 'manifest.stored'
  | 'callback.delivered'
  | 'callback.givenUp';

/** One line of the custody log before it has its sequence number. `data` holds plain values, never a secret or a link. */
export interface CustodyEntry {
  at: EpochMs;
  type: CustodyEventType;
  /** Who did it: `holdfast`, `defender`, or the caller's identity. */
  actor: string;
  taskId?: string;
  artifactId?: string;
  machineActionId?: string;
  data: Record<string, unknown>;
}

export interface CustodyEvent extends CustodyEntry {
  /** From 1, without gaps, within one collection. */
  sequence: number;
}

/**
 * Entries as the record tells them: none dated before what was recorded earlier, though instances' clocks differ and what
 * happened first may be written second.
 * @param recordedAt epoch ms of the last change
 */
export function datedInOrder(entries: readonly CustodyEntry[], recordedAt: EpochMs): CustodyEntry[] {
  let latest = recordedAt;
  return entries.map((entry) => {
    latest = Math.max(latest, entry.at);
    return { ...entry, at: latest };
  });
}
