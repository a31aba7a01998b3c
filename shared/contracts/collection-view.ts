import { z } from 'zod';
import type { CollectionState, Outcome } from '../domain/collection.ts';
import { PRIORITIES } from '../domain/request/collection-request.ts';
import { TaskView } from './task-view.ts';
import { instant, link } from './view-fields.ts';

export const COLLECTION_STATES = [
  'queued',
  'running',
  'archiving',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const satisfies CollectionState[];

export const OUTCOMES = ['complete', 'partial', 'none'] as const satisfies Outcome[];

const count = z.int().nonnegative();

export const TaskCounts = z
  .object({
    total: count,
    queued: count,
    parked: count,
    submitting: count,
    pending: count,
    running: count,
    archiving: count,
    archived: count,
    partial: count,
    failed: count,
    cancelled: count,
    expired: count,
  })
  .meta({
    id: 'TaskCounts',
    description: 'How many tasks are in each state. total falls when targets turn out to be one machine',
  });
export type TaskCounts = z.infer<typeof TaskCounts>;

/** A collection without its tasks, as lists show it. */
export const CollectionSummary = z
  .object({
    collectionId: z.string(),
    requestId: z.string().nullable().meta({ description: "The caller's own id of the request, if there was one" }),
    caseId: z.string().nullable(),
    comment: z.string().nullable(),
    priority: z.enum(PRIORITIES),
    requestedBy: z.string().nullable().meta({ description: 'Who asked, as far as it is known' }),
    state: z.enum(COLLECTION_STATES),
    outcome: z.enum(OUTCOMES).optional().meta({ description: 'Once ended: what was archived' }),
    createdAt: instant('When the request was accepted'),
    updatedAt: instant('When anything last changed'),
    expiresAt: instant('When what is still open is given up'),
    completedAt: instant('When the collection ended').nullable(),
    counts: TaskCounts,
  })
  .meta({ id: 'CollectionSummary', description: 'A collection without its tasks' });
export type CollectionSummary = z.infer<typeof CollectionSummary>;

export const CollectionView = CollectionSummary.extend({
  tasks: z.array(TaskView).meta({ description: 'Up to 100; the others are behind tasksNextLink' }),
  tasksNextLink: link('The next tasks').optional(),
}).meta({ id: 'Collection', description: 'One accepted request and how far it is' });
export type CollectionView = z.infer<typeof CollectionView>;

export const CollectionPage = z
  .object({ value: z.array(CollectionSummary), nextLink: link('The next page').optional() })
  .meta({ id: 'CollectionPage', description: 'Collections, newest first' });
export type CollectionPage = z.infer<typeof CollectionPage>;
