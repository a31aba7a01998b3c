import type { CustodyEvent } from '../custody.ts';
import type { CollectionRequest } from '../request/collection-request.ts';
import { type EpochMs, toIso } from '../time.ts';

/** One attempt as the manifest tells it: what Holdfast and Defender did, and when. */
export interface AttemptRecord {
  attemptId: string;
  machineActionId?: string;
  intendedAt?: string;
  submittedAt?: string;
  /** Its action was found by its token after the answer was lost. */
  adopted?: boolean;
  /** When the task came to the attempt, which was there already for another request. */
  joinedAt?: string;
  /** The run served other requests too: `requests` of them in all, as last known. */
  shared?: boolean;
  requests?: number;
  /** When the task left it to the others. */
  leftAt?: string;
  begunAt?: string;
  endedAt?: string;
  /** Why it was closed without a result. */
  closedBecause?: string;
}

export interface ManifestParts<C extends { tasks: { taskId: string }[] }> {
  software: { name: string; version: string };
  /** As the answers show it, with every task. */
  collection: C;
  request: CollectionRequest;
  custody: readonly CustodyEvent[];
}

/** The version of this form; a reader refuses those it does not know. */
export const MANIFEST_VERSION = 1;

/**
 * The record that makes a folder of blobs evidence: who asked for what and why, on which devices, by which actions, when,
 * with which hashes and sizes, and what is missing and why. Names are those of the answers.
 */
export function buildManifest<C extends { tasks: { taskId: string }[] }>(parts: ManifestParts<C>) {
  const { software, collection, request, custody } = parts;
  const eventsOf = Map.groupBy(custody, ({ taskId }) => taskId);
  return {
    schemaVersion: MANIFEST_VERSION,
    software,
    collection: {
      ...collection,
      tasks: collection.tasks.map((task) => ({ ...task, attemptLog: attemptsOf(eventsOf.get(task.taskId) ?? []) })),
    },
    request: {
      targets: request.targets,
      commands: request.commands,
      ...(request.recipe ? { recipe: request.recipe } : {}),
    },
    custodyEvents: custody.length,
  };
}

/** @param events of one task */
function attemptsOf(events: readonly CustodyEvent[]): AttemptRecord[] {
  const attempts = new Map<string, AttemptRecord>();
  for (const event of events) {
    const attemptId = event.data.attemptId;
    if (typeof attemptId !== 'string') continue;
    const known = attempts.get(attemptId) ?? { attemptId };
    attempts.set(attemptId, { ...known, ...told(event) });
  }
  return [...attempts.values()];
}

function told(event: CustodyEvent): Partial<AttemptRecord> {
  const at = toIso(event.at as EpochMs);
  const action = event.machineActionId === undefined ? {} : { machineActionId: event.machineActionId };
  switch (event.type) {
    case 'attempt.intended':
      return { intendedAt: at, ...sharing(event) };
    case 'attempt.joined':
      return { ...action, joinedAt: at, ...sharing(event) };
    case 'attempt.left':
      return { leftAt: at };
    case 'action.submitted':
      return { ...action, submittedAt: at };
    case 'action.adopted':
      return { ...action, submittedAt: at, adopted: true };
    case 'action.began':
      return { ...action, begunAt: at };
    case 'action.ended':
      return { ...action, endedAt: at, ...sharing(event) };
    case 'attempt.closed':
      return { endedAt: at, closedBecause: String(event.data.cause) };
    default:
      return {};
  }
}

function sharing({ data }: CustodyEvent): Pick<AttemptRecord, 'shared' | 'requests'> {
  return data.shared === true && typeof data.requests === 'number' ? { shared: true, requests: data.requests } : {};
}
