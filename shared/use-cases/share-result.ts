import type { OwedCopy, ResultJob } from '../domain/attempt.ts';
import { commandIndexOf, everyone } from '../domain/result-jobs.ts';
import { isSameTask } from '../domain/run-sharing.ts';
import type { Artifact } from '../domain/task.ts';
import type { TaskEvent } from '../domain/task-events.ts';
import { mayBeStored, owesResult } from '../domain/task-transitions.ts';
import type { EpochMs } from '../domain/time.ts';
import type { EvidenceStore, ResultSource } from '../ports.ts';
import { changeTasks } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import type { HoldResult, StoredResult } from './hold-result/held-result.ts';
import { holdResult } from './hold-result/hold-result.ts';
import { type Claim, keepingClaim } from './result-claim.ts';

/** How a copy within our own store is made; as for a result. */
export interface CopyOptions {
  deadlineAt: EpochMs;
  blockBytes: number;
}

/**
 * Serves those who are owed a result that is stored already for another of them: each gets a copy of its own, verified
 * against the same SHA-256, and Defender is not asked. Decided from the tasks as they are, so it goes on after a crash.
 *
 * @returns `all`: nobody is owed anything more; `askDefender`: nothing is stored yet, or it could not be copied, and the
 *   job is now for one who is owed it; `undefined`: somebody else works on the job
 */
export async function serveOwed(
  deps: Deps,
  claim: Claim,
  options: CopyOptions,
): Promise<'all' | 'askDefender' | 'outOfTime' | undefined> {
  const { job } = claim;
  const { owed, stored } = await readOwed(deps, job);
  const asked = owed.some((one) => isSameTask(one, job.task));
  if (asked && (stored.length === 0 || job.askAgain)) return 'askDefender';
  const [first] = owed;
  if (!first) return 'all';
  if (stored.length === 0) return askFor(claim, first, false);
  const failed: OwedCopy[] = [];
  for (const copy of owed) {
    const held = await copyStored(deps, claim, stored, copy, options);
    if (held.kind === 'stored') {
      deps.checkpoint('archive.afterCopy');
      await noteStored(deps, job, copy, held);
      deps.checkpoint('archive.afterArtifact');
    } else if (held.fault.kind === 'outOfTime') return 'outOfTime';
    else failed.push(copy);
  }
  const [again] = failed;
  return again ? askFor(claim, again, true) : 'all';
}

type Stored = Pick<Artifact, 'blobName' | 'sha256'>;

/** Who is owed the result as the tasks stand, and where it is stored already. */
async function readOwed(deps: Deps, job: ResultJob): Promise<{ owed: OwedCopy[]; stored: Stored[] }> {
  const all = await Promise.all(
    everyone(job).map(async (copy) => {
      const [task] = await deps.collections.tasksById(copy.collectionId, [copy.taskId]);
      const command =
        task?.attemptId === job.attemptId ? task.commands.find((c) => c.index === commandIndexOf(job)) : undefined;
      return { copy, owes: !!task && mayBeStored(task.state) && !!command && owesResult(command), command };
    }),
  );
  return {
    owed: all.flatMap(({ copy, owes }) => (owes ? [copy] : [])),
    stored: [...all.flatMap(({ command }) => command?.artifact ?? []), ...(job.from ? [job.from] : [])],
  };
}

/** The job is for another task from now on; those that it was for before stay among those who are owed it. */
async function askFor(claim: Claim, copy: OwedCopy, askAgain: boolean): Promise<'askDefender' | undefined> {
  const { askAgain: _, stagedBytes: _staged, ...job } = claim.job;
  const { blobName, ...task } = copy;
  const others = everyone(claim.job).filter((one) => !isSameTask(one, copy));
  const saved = await claim.save({ ...job, task, blobName, others, ...(askAgain ? { askAgain } : {}) });
  return saved ? 'askDefender' : undefined;
}

/** From the first of the stored that is what it should be. */
async function copyStored(
  deps: Deps,
  claim: Claim,
  stored: readonly Stored[],
  copy: OwedCopy,
  options: CopyOptions,
): Promise<HoldResult> {
  const kept = keepingClaim(deps, claim);
  let held: HoldResult = { kind: 'fault', fault: { kind: 'notFound' } };
  for (const { blobName, sha256 } of stored) {
    held = await holdResult(
      { ...kept, source: ownStore(kept.evidence, blobName) },
      {
        blobName: copy.blobName,
        link: '',
        sha256,
        commandType: claim.job.command.type === 'RunScript' ? 'RunScript' : 'GetFile',
        metadata: metadataOf(claim.job, copy),
        signal: claim.signal,
        serverCopyFromBytes: Number.POSITIVE_INFINITY,
        ...options,
      },
    );
    if (held.kind === 'stored' || held.fault.kind === 'outOfTime') return held;
  }
  return held;
}

/** What is stored, read as a result is. */
const ownStore = (evidence: EvidenceStore, blobName: string): ResultSource => ({
  async open() {
    const stat = await evidence.stat(blobName);
    if (!stat) return { ok: false, fault: { kind: 'notFound' } };
    const body = await evidence.read(blobName);
    return {
      ok: true,
      value: { body, offset: 0, totalBytes: stat.bytes, acceptsRanges: false, close: () => undefined },
    };
  },
});

/** Kept with each blob, so that it tells by itself what it is of. */
export const metadataOf = (
  job: ResultJob,
  owner: Pick<OwedCopy, 'collectionId' | 'taskId'>,
): Record<string, string> => ({
  collectionId: owner.collectionId,
  taskId: owner.taskId,
  machineId: job.machineId,
  machineActionId: job.machineActionId,
  commandIndex: String(commandIndexOf(job)),
});

/** Records a stored result for the task that it was stored for. */
export async function noteStored(deps: Deps, job: ResultJob, copy: OwedCopy, held: StoredResult): Promise<void> {
  const { collectionId, taskId, blobName } = copy;
  const index = commandIndexOf(job);
  const at = deps.clock.now();
  const artifact: Artifact = {
    artifactId: artifactIdOf(copy, index),
    blobName,
    bytes: held.bytes,
    sha256: held.sha256,
    ...(job.commandIndex === undefined ? {} : { actionIndex: job.index }),
    ...(held.contentBytes === undefined ? {} : { contentBytes: held.contentBytes }),
    ...(held.contentSha256 === undefined ? {} : { contentSha256: held.contentSha256 }),
    ...(held.exitCode === undefined ? {} : { exitCode: held.exitCode }),
    archivedAt: at,
  };
  const shared = job.others === undefined ? {} : { shared: true };
  await changeTasks(deps, collectionId, [{ taskId, event: { type: 'stored', at, index, artifact, ...shared } }]);
  deps.log.info('artifact.archived', { collectionId, taskId, blobName, bytes: held.bytes, sha256: held.sha256 });
}

/** The same for the same command of the same task, however often its result is recorded. */
const artifactIdOf = ({ collectionId, taskId }: OwedCopy, index: number): string =>
  `${taskId}-${String(index).padStart(2, '0')}-${sha256Hex(`${collectionId}|${taskId}|${index}`).slice(0, 8)}`;

/** Tells everyone who is still owed the result; others are not concerned. */
export async function tellOwed(deps: Deps, job: ResultJob, event: TaskEvent): Promise<void> {
  for (const { collectionId, taskId } of everyone(job)) {
    const [task] = await deps.collections.tasksById(collectionId, [taskId]);
    if (task?.attemptId === job.attemptId) await changeTasks(deps, collectionId, [{ taskId, event }]);
  }
}
