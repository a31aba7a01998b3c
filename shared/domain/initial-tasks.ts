import type { Collection } from './collection.ts';
import type { CollectionRequest, Target } from './request/collection-request.ts';
import type { CommandProgress, Task } from './task.ts';

/** A digest as lowercase hex; passed in so that the rules stay free of any runtime's crypto. */
export type Digest = (text: string) => string;

/**
 * The id of the task for one target: its place in the request, so that tasks sort as asked, then a digest of what it
 * stands for. A tag's tasks also name their machine. The same request always yields the same ids, so expansion may run
 * twice or resume anywhere.
 */
export function taskIdOf(
  collectionId: string,
  targetIndex: number,
  target: Target,
  digest: Digest,
  machineId = '',
): string {
  const tail = digest(`${collectionId}|${JSON.stringify(target)}|${machineId}`).slice(0, 12);
  return `${String(targetIndex).padStart(4, '0')}-${tail}`;
}

/** The place in the request that a task id begins with. */
export const placeOf = (taskId: string): number => Number.parseInt(taskId, 10);

/** The tasks of some of a request's targets before anything has happened. A machine id needs no resolving. */
export function initialTasks(
  collection: Collection,
  request: CollectionRequest,
  range: { from: number; to: number },
  digest: Digest,
): Task[] {
  return request.targets
    .slice(range.from, range.to)
    .map((target, i) =>
      newTask(collection, request, target, taskIdOf(collection.collectionId, range.from + i, target, digest)),
    );
}

export function newTask(collection: Collection, request: CollectionRequest, target: Target, taskId: string): Task {
  return {
    taskId,
    collectionId: collection.collectionId,
    target,
    state: 'queued',
    ...('machineId' in target ? { machineId: target.machineId } : {}),
    attempts: 0,
    waiting: { since: collection.createdAt },
    submitFaults: 0,
    repeats: 0,
    commands: request.commands.map(
      (command): CommandProgress => ({ index: command.index, type: command.type, state: 'waiting', errors: [] }),
    ),
    updatedAt: collection.createdAt,
  };
}
