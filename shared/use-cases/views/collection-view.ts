import type { CollectionSummary, CollectionView } from '../../contracts/collection-view.ts';
import type { EndedOperation, OpenOperation } from '../../contracts/operation-view.ts';
import { type Collection, collectionState } from '../../domain/collection.ts';
import type { CollectionRequest } from '../../domain/request/collection-request.ts';
import type { Task } from '../../domain/task.ts';
import { toIso } from '../../domain/time.ts';
import { actorOf } from '../accept-collection.ts';
import { taskView, type WaitingFacts } from './task-view.ts';

/** A collection as lists show it. */
export function collectionSummary(collection: Collection): CollectionSummary {
  const { closing, ended } = collection;
  return {
    collectionId: collection.collectionId,
    requestId: collection.requestId ?? null,
    caseId: collection.caseId ?? null,
    comment: collection.comment ?? null,
    priority: collection.priority,
    requestedBy: actorOf(collection.requestedBy),
    state: collectionState(collection),
    ...(ended && closing ? { outcome: closing.outcome } : {}),
    createdAt: toIso(collection.createdAt),
    updatedAt: toIso(collection.updatedAt),
    expiresAt: toIso(collection.expiresAt),
    completedAt: ended && closing ? toIso(closing.at) : null,
    counts: countsView(collection),
  };
}

/** Targets that are not tasks yet are queued ones to the caller. */
function countsView({ counts, targets, expandedTargets }: Collection): CollectionSummary['counts'] {
  const coming = targets - expandedTargets;
  return { ...counts, total: counts.total + coming, queued: counts.queued + coming };
}

export function collectionView(
  collection: Collection,
  request: CollectionRequest,
  tasks: readonly Task[],
  more: { tasksNextLink?: string; waiting?: WaitingFacts } = {},
): CollectionView {
  return {
    ...collectionSummary(collection),
    tasks: tasks.map((task) => taskView(task, request, more.waiting)),
    ...(more.tasksNextLink === undefined ? {} : { tasksNextLink: more.tasksNextLink }),
  };
}

/** An operation before its end. A parked task counts as nothing done: nobody knows when its device wakes. */
export function openOperation(collection: Collection): OpenOperation {
  const counts = countsView(collection);
  const ended = counts.archived + counts.partial + counts.failed + counts.cancelled + counts.expired;
  const started = counts.pending + counts.running + counts.archiving;
  const share = counts.total === 0 ? 0 : (ended + started * 0.5) / counts.total;
  return {
    id: collection.collectionId,
    status: collectionState(collection) === 'queued' ? 'NotStarted' : 'Running',
    percentComplete: Math.min(99, Math.floor(share * 100)),
  };
}

/** `Canceled` when cancelled, `Failed` when nothing was archived, else `Succeeded`. */
export function endedOperation(collection: Collection, result: CollectionView): EndedOperation {
  const outcome = collection.closing?.outcome ?? 'none';
  const failedOrNot = outcome === 'none' ? 'Failed' : 'Succeeded';
  const status = collection.closing?.state === 'cancelled' ? 'Canceled' : failedOrNot;
  return { id: collection.collectionId, status, outcome, result };
}
