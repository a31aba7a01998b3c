import type { ArtifactView } from '../../contracts/artifact-view.ts';
import { type CommandView, failureView, type TaskView, type WaitingView } from '../../contracts/task-view.ts';
import type { WaitingReason } from '../../domain/failures/waiting-reasons.ts';
import type { CollectionRequest } from '../../domain/request/collection-request.ts';
import { type Artifact, type CommandProgress, isWaiting, type Task } from '../../domain/task.ts';
import { type EpochMs, toIso } from '../../domain/time.ts';

/** What is known of the queue when an answer is made; without it, places and estimates are left open. */
export interface WaitingFacts {
  /** Why tasks that wait only for the governor do so now. */
  queuedReason: WaitingReason;
  /** Why targets that no machine was found for so far wait, where Defender was asked in vain. */
  unresolvedReason?: WaitingReason;
  /** From 1, by task id within the collection. */
  positions: ReadonlyMap<string, number>;
  /** Never in the past, and for a later position never earlier. */
  estimateStart(position: number): EpochMs;
}

export function taskView(task: Task, request: CollectionRequest, facts?: WaitingFacts): TaskView {
  return {
    taskId: task.taskId,
    target: task.target,
    machineId: task.machineId ?? null,
    computerDnsName: task.computerDnsName ?? null,
    state: task.state,
    attempts: task.attempts,
    machineActionId: task.machineActionId ?? null,
    ...(task.reusedFrom ? { reusedFrom: { archivedAt: toIso(task.reusedFrom.archivedAt) } } : {}),
    ...(isWaiting(task.state) ? { waiting: waitingView(task, facts) } : {}),
    ...(task.failure ? { failure: failureView(task.failure) } : {}),
    commands: task.commands.map((progress) => commandView(task, progress, request)),
  };
}

function waitingView(task: Task, facts: WaitingFacts | undefined): WaitingView {
  const { waiting, machineId } = task;
  const position = facts?.positions.get(task.taskId) ?? null;
  const estimate = estimateOf(task, position, facts);
  return {
    reason: waiting?.reason ?? (machineId ? undefined : facts?.unresolvedReason) ?? facts?.queuedReason ?? 'SubmitRate',
    since: toIso(waiting?.since ?? task.updatedAt),
    queuePosition: position,
    estimatedStartAt: estimate === undefined ? null : toIso(estimate),
  };
}

/** A parked task waits for its time, one that was woken only for a slot. */
function estimateOf(
  { state, waiting }: Task,
  position: number | null,
  facts: WaitingFacts | undefined,
): EpochMs | undefined {
  if (state !== 'parked' || waiting?.retryAt === undefined) return startAt(position, facts);
  const soonest = startAt(1, facts);
  return waiting.woken ? soonest : Math.max(waiting.retryAt, soonest ?? 0);
}

const startAt = (position: number | null, facts: WaitingFacts | undefined): EpochMs | undefined =>
  position === null ? undefined : facts?.estimateStart(position);

function commandView(task: Task, progress: CommandProgress, request: CollectionRequest): CommandView {
  const { index, state, errors } = progress;
  const step = { index, state, errors: [...errors], ...artifactPart(task, progress) };
  const command = request.commands.find((c) => c.index === index);
  switch (command?.type) {
    case 'PutFile':
      return { ...step, type: 'PutFile', fileName: command.fileName };
    case 'RunScript': {
      const args = command.args === undefined ? {} : { args: command.args };
      return { ...step, type: 'RunScript', scriptName: command.scriptName, ...args };
    }
    case 'GetFile':
      return { ...step, type: 'GetFile', path: command.path };
    default:
      throw new Error(`task ${task.taskId} has no command ${index} in its request`);
  }
}

function artifactPart(task: Task, { artifact, index }: CommandProgress): { artifact?: ArtifactView } {
  return artifact ? { artifact: artifactView(task.taskId, index, artifact) } : {};
}

export function artifactView(taskId: string, index: number, artifact: Artifact): ArtifactView {
  return {
    artifactId: artifact.artifactId,
    taskId,
    index,
    blobName: artifact.blobName,
    bytes: artifact.bytes,
    sha256: artifact.sha256,
    contentBytes: artifact.contentBytes ?? null,
    contentSha256: artifact.contentSha256 ?? null,
    exitCode: artifact.exitCode ?? null,
    archivedAt: toIso(artifact.archivedAt),
  };
}
