import type { Artifact, Task } from './task.ts';
import type { EpochMs } from './time.ts';

/** What an earlier run left that serves who asks for the same now. */
export interface ReusableEvidence {
  machineActionId: string;
  /** When the first of it was stored by the run itself, however often it was copied since. */
  archivedAt: EpochMs;
  /** By the index of the command. */
  artifacts: { index: number; artifact: Artifact }[];
}

/** Whole evidence alone: everything was archived, and all of it so recently. Without a result there is nothing to reuse. */
export function reusable(task: Task, reuseMs: number, now: EpochMs): ReusableEvidence | undefined {
  const { machineActionId } = task;
  if (task.state !== 'archived' || machineActionId === undefined) return undefined;
  const artifacts = task.commands.flatMap(({ index, artifact }) => (artifact ? [{ index, artifact }] : []));
  if (artifacts.length === 0) return undefined;
  const stored = Math.min(...artifacts.map(({ artifact }) => artifact.archivedAt));
  const archivedAt = task.reusedFrom?.archivedAt ?? stored;
  if (archivedAt + reuseMs < now) return undefined;
  return { machineActionId, archivedAt, artifacts };
}
