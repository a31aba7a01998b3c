import type { ResultJob } from '../domain/attempt.ts';
import type { Collection } from '../domain/collection.ts';
import { applyTaskEvents } from '../domain/collection-changes.ts';
import { othersOf } from '../domain/combined-reads.ts';
import type { Candidate } from '../domain/dispatch-plan.ts';
import { type ReusableEvidence, reusable } from '../domain/evidence-reuse.ts';
import { listRange, listsPartition, readListKey } from '../domain/index-keys.ts';
import { PATIENCE } from '../domain/limits.ts';
import { everyone, newResultJob, type Owner } from '../domain/result-jobs.ts';
import { matesOf } from '../domain/run-sharing.ts';
import { isWaiting, type Task, waitingSince } from '../domain/task.ts';
import { changeCollection, changeHeader } from './change-collection.ts';
import { machineList } from './collection-lists.ts';
import type { Deps } from './deps.ts';

/** Collections of a device among which fresh evidence is looked for, newest first. */
const LOOKED_AT = 50;

/**
 * Serves tasks whose turn it is, and those who ask the same, with evidence of the same run that was archived within the
 * time set (`REUSE_EVIDENCE_SECONDS`): the device and Defender are left alone.
 *
 * @returns how many tasks
 */
export async function reuseEvidence(
  deps: Deps,
  chosen: readonly Candidate[],
  waiting: readonly Candidate[],
): Promise<number> {
  const { reuseMs = 0 } = deps.settings;
  if (reuseMs === 0) return 0;
  // Also those who wait for the same device: what is fresh is not read again beside what a chosen one asks for.
  const goingOut = chosen.flatMap((one) => [one, ...othersOf(one, waiting, deps.clock.now())]);
  const served = await Promise.all(
    goingOut.map(async (candidate) => {
      try {
        const evidence = await freshEvidence(deps, candidate, reuseMs);
        return evidence ? await reuse(deps, [candidate, ...matesOf(candidate, waiting)], evidence) : 0;
      } catch (error) {
        // It runs, or is tried again: what was begun is healed by its jobs.
        deps.log.error('reuse.failed', { collectionId: candidate.collectionId, error: String(error) });
        return 0;
      }
    }),
  );
  return served.reduce((sum, count) => sum + count, 0);
}

async function freshEvidence(
  deps: Deps,
  { machineId, run }: Candidate,
  reuseMs: number,
): Promise<ReusableEvidence | undefined> {
  if (run === undefined) return undefined;
  const range = listRange(machineList(machineId), {});
  const { value } = await deps.index.range(listsPartition(deps.settings.tenantId), { ...range, top: LOOKED_AT });
  for (const { key, value: row } of value) {
    const collectionId = readListKey(key);
    if (row?.run !== run || collectionId === undefined) continue;
    const [task] = await deps.collections.tasksById(collectionId, [String(row.taskId)]);
    const evidence = task?.machineId === machineId ? reusable(task, reuseMs, deps.clock.now()) : undefined;
    if (evidence && (await isThere(deps, evidence))) return evidence;
  }
  return undefined;
}

async function isThere(deps: Deps, { artifacts }: ReusableEvidence): Promise<boolean> {
  for (const { artifact } of artifacts)
    if ((await deps.evidence.stat(artifact.blobName))?.bytes !== artifact.bytes) return false;
  return true;
}

/** The jobs first, then the tasks: a job whose task never heard of it is dropped, a task without its job would wait forever. */
async function reuse(deps: Deps, candidates: readonly Candidate[], evidence: ReusableEvidence): Promise<number> {
  const loaded = (await Promise.all(candidates.map((candidate) => load(deps, candidate)))).flatMap((one) => one ?? []);
  const jobs = await jobsOf(deps, loaded, evidence);
  const [job] = jobs;
  if (!job) return 0;
  const { tenantId, attemptId, createdAt } = job;
  if ((await deps.work.commit(tenantId, { jobs: jobs.map((value) => ({ value })) })) === 'conflict') return 0;
  deps.checkpoint('reuse.afterJobs');
  const told = await Promise.all(
    loaded.map(({ candidate }) => tell(deps, candidate, { attemptId, createdAt }, evidence)),
  );
  deps.checkpoint('reuse.afterTask');
  for (const { index } of jobs) await deps.queues.send('results', { attemptId, index });
  deps.log.info('evidence.reused', { attemptId, tasks: told.filter(Boolean).length });
  return told.filter(Boolean).length;
}

interface Loaded extends Owner {
  candidate: Candidate;
}

async function load(deps: Deps, candidate: Candidate): Promise<Loaded | undefined> {
  const header = await deps.collections.header(candidate.collectionId);
  const [task] = await deps.collections.tasksById(candidate.collectionId, [candidate.taskId]);
  return header && task && isCurrent(candidate, header.value, task)
    ? { candidate, collection: header.value, task }
    : undefined;
}

const isCurrent = ({ run, since, machineId }: Candidate, collection: Collection, task: Task): boolean =>
  collection.run === run && isWaiting(task.state) && waitingSince(task) === since && task.machineId === machineId;

async function jobsOf(deps: Deps, loaded: Loaded[], evidence: ReusableEvidence): Promise<ResultJob[]> {
  const [first] = loaded;
  const request = first && (await deps.collections.request(first.collection.collectionId));
  if (!first || !request) return [];
  const { tenantId } = deps.settings;
  const { machineId } = first.candidate;
  const attemptId = deps.ids.next();
  const now = deps.clock.now();
  return evidence.artifacts.flatMap(({ index, artifact }): ResultJob[] => {
    const asked = request.commands.find((c) => c.index === index);
    if (!asked) return [];
    const { index: _, ...command } = asked;
    const { machineActionId } = evidence;
    const { actionIndex } = artifact;
    const place = actionIndex === undefined ? { index } : { index: actionIndex, commandIndex: index };
    const job = newResultJob({ attemptId, tenantId, ...place, machineActionId, machineId, command }, loaded, now);
    return job ? [{ ...job, from: { blobName: artifact.blobName, sha256: artifact.sha256 } }] : [];
  });
}

/** @returns whether the task takes what is there; not one that has moved on, or whose teller was held up too long */
async function tell(
  deps: Deps,
  candidate: Candidate,
  { attemptId, createdAt }: Pick<ResultJob, 'attemptId' | 'createdAt'>,
  { machineActionId, archivedAt }: ReusableEvidence,
): Promise<boolean> {
  const { collectionId, taskId } = candidate;
  const changed = await changeCollection(deps, collectionId, [taskId], (collection, tasks, at) => {
    const [task] = tasks;
    const fresh = at <= createdAt + PATIENCE.intentFreshMs;
    if (!fresh || !task || !isCurrent(candidate, collection, task)) return undefined;
    const event = { type: 'reused' as const, at, attemptId, machineActionId, archivedAt };
    return applyTaskEvents(collection, tasks, [{ taskId, event }], at);
  });
  return changed?.tasks[0]?.attemptId === attemptId;
}

/**
 * Whether all tasks of a job that copies earlier evidence have been told, or will never be. Whoever was held up before
 * telling them meets a conflict afterwards, and sees that it is too late.
 */
export async function isReuseTold(deps: Deps, job: ResultJob): Promise<boolean> {
  for (const { collectionId, taskId } of everyone(job)) {
    const [task] = await deps.collections.tasksById(collectionId, [taskId]);
    if (!task || task.attemptId === job.attemptId || !isWaiting(task.state)) continue;
    if (deps.clock.now() < job.createdAt + PATIENCE.senderAtWorkMs) return false;
    await changeHeader(deps, collectionId, (collection) => ({ collection }));
  }
  return true;
}
