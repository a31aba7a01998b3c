import type { OwedCopy, ResultJob } from './attempt.ts';
import type { Collection } from './collection.ts';
import { artifactBlobName } from './evidence/blob-names.ts';
import type { Task } from './task.ts';
import type { EpochMs } from './time.ts';

/** A task that is owed a result, and its collection, whose folder it goes to. */
export interface Owner {
  collection: Collection;
  task: Task;
}

/** Which result a job is about, whoever is owed it. */
type Result = Pick<
  ResultJob,
  'attemptId' | 'tenantId' | 'index' | 'commandIndex' | 'machineActionId' | 'machineId' | 'command'
>;

/** One job for a result: for the first of its owners, with a copy for each of the others. `undefined`: there are none. */
export function newResultJob(result: Result, owners: readonly Owner[], now: EpochMs): ResultJob | undefined {
  const [first, ...others] = owners.map((owner) => copyOwed(result, owner));
  if (!first) return undefined;
  const { blobName, ...task } = first;
  return {
    ...result,
    task,
    blobName,
    ...(others.length > 0 ? { others } : {}),
    tries: 0,
    createdAt: now,
    nextAt: now,
  };
}

function copyOwed({ machineId, command, ...result }: Result, { collection, task }: Owner): OwedCopy {
  const { collectionId, caseId } = collection;
  const blobName = artifactBlobName({
    ...(caseId === undefined ? {} : { caseId }),
    ...(task.computerDnsName === undefined ? {} : { computerDnsName: task.computerDnsName }),
    collectionId,
    machineId,
    index: commandIndexOf(result),
    command,
  });
  return { collectionId, taskId: task.taskId, blobName };
}

/** The command's index in the requests of those who are owed its result. */
export const commandIndexOf = ({ index, commandIndex = index }: Pick<ResultJob, 'index' | 'commandIndex'>): number =>
  commandIndex;

/** All who are named in a job, the one for whom Defender is asked first. */
export const everyone = (job: ResultJob): OwedCopy[] => [
  { ...job.task, blobName: job.blobName },
  ...(job.others ?? []),
];
