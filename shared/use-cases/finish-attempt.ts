import type { Attempt, ResultJob } from '../domain/attempt.ts';
import type { Collection } from '../domain/collection.ts';
import { artifactBlobName } from '../domain/evidence/blob-names.ts';
import type { Task } from '../domain/task.ts';
import { owesResult } from '../domain/task-transitions.ts';
import type { Deps } from './deps.ts';

/**
 * Closes an attempt whose action is over, with a job for every result that its task still owes. Decided from the task as
 * it is, so that a crash between the two rows is healed by the next look.
 */
export async function finishAttempt(
  deps: Deps,
  attempt: Attempt,
  collection: Collection | undefined,
  task: Task | undefined,
): Promise<void> {
  const jobs = collection && task?.attemptId === attempt.attemptId ? jobsOf(deps, attempt, collection, task) : [];
  const { tenantId, attemptId } = attempt;
  for (let round = 0; round < 20; round += 1) {
    const row = await deps.work.attempt(tenantId, attemptId);
    if (!row || row.value.state === 'archiving' || row.value.state === 'closed') break;
    const now = deps.clock.now();
    const over: Attempt = { ...row.value, state: jobs.length > 0 ? 'archiving' : 'closed', closedAt: now };
    const written = await deps.work.commit(tenantId, {
      attempts: [{ value: over, etag: row.etag }],
      jobs: jobs.map((value) => ({ value })),
    });
    if (written === 'written') break;
  }
  deps.checkpoint('follow.afterJobs');
  for (const { index } of jobs) await deps.queues.send('results', { attemptId, index });
}

function jobsOf(deps: Deps, attempt: Attempt, collection: Collection, task: Task): ResultJob[] {
  const { machineActionId } = attempt;
  if (machineActionId === undefined) return [];
  const now = deps.clock.now();
  return task.commands.filter(owesResult).flatMap(({ index }): ResultJob[] => {
    const command = attempt.commands[index];
    if (!command) return [];
    return [
      {
        attemptId: attempt.attemptId,
        tenantId: attempt.tenantId,
        index,
        machineActionId,
        machineId: attempt.machineId,
        task: { collectionId: task.collectionId, taskId: task.taskId },
        command,
        blobName: artifactBlobName({
          ...(collection.caseId === undefined ? {} : { caseId: collection.caseId }),
          ...(task.computerDnsName === undefined ? {} : { computerDnsName: task.computerDnsName }),
          collectionId: task.collectionId,
          machineId: attempt.machineId,
          index,
          command,
        }),
        tries: 0,
        createdAt: now,
        nextAt: now,
      },
    ];
  });
}
