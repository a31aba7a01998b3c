import type { Failure } from './failures/failure-codes.ts';
import type { WaitingReason } from './failures/waiting-reasons.ts';
import type { CommandType, Target } from './request/collection-request.ts';
import type { EpochMs } from './time.ts';

export const WAITING_STATES = ['queued', 'parked'] as const;
export const ACTIVE_STATES = ['submitting', 'pending', 'running', 'archiving'] as const;
export const FINAL_STATES = ['archived', 'partial', 'failed', 'cancelled', 'expired'] as const;
export const TASK_STATES = [...WAITING_STATES, ...ACTIVE_STATES, ...FINAL_STATES] as const;

export type TaskState = (typeof TASK_STATES)[number];

export type CommandState = 'waiting' | 'running' | 'completed' | 'archived' | 'failed' | 'notRun';

/** The stored result of one command. Hashes are SHA-256 in lowercase hex; `content*` describe the file inside a gzip result. */
export interface Artifact {
  artifactId: string;
  blobName: string;
  bytes: number;
  sha256: string;
  /** Of the command in its action, where that is not its index in the request. */
  actionIndex?: number;
  contentBytes?: number;
  contentSha256?: string;
  exitCode?: number;
  archivedAt: EpochMs;
}

/** What became of one command; what it is stands in the request, under the same index. */
export interface CommandProgress {
  index: number;
  type: CommandType;
  state: CommandState;
  errors: string[];
  artifact?: Artifact;
}

/** Why a task waits. `reason` absent on a queued task: the queue itself, see `explainWaiting`. */
export interface Waiting {
  since: EpochMs;
  reason?: WaitingReason;
  /** Not before this instant; only parked tasks have one. 0: its turn has come, ahead of those that never had one. */
  retryAt?: EpochMs;
  /** How long this wait was planned to be, in ms. */
  lastWaitMs?: number;
  /** Parked because its slot went to others: an idle slot may try it before its time. */
  rests?: boolean;
  /** Defender refused an action that it shared with others: whose commands it dislikes shows when each goes alone. */
  alone?: boolean;
  /** Defender has shown the device awake, or its blocker ended, since it was parked. */
  woken?: boolean;
  /** The machine action that keeps the device busy, when Defender shows it. */
  blockerActionId?: string;
}

/** One device's part of a collection. */
export interface Task {
  taskId: string;
  collectionId: string;
  target: Target;
  /** Its place among the turns of its collection, where that is not its target's: a tag stands for many devices. */
  place?: number;
  state: TaskState;
  machineId?: string;
  computerDnsName?: string;
  /** `osPlatform` of the device, where Defender's machine list told it. */
  platform?: string;
  /** Attempts whose action Defender accepted, or may have accepted. */
  attempts: number;
  attemptId?: string;
  machineActionId?: string;
  waiting?: Waiting;
  /** The last deliberate wait, kept through the attempt that followed: the next of its kind is at most twice as long. */
  lastWait?: { reason: WaitingReason; ms: number };
  /** How long its last rest was, in ms, while its device did not answer: the next is at most twice as long. */
  lastRestMs?: number;
  /** Submits in a row that Defender did not answer properly; reset by any proper answer. */
  submitFaults: number;
  /** How often an attempt of GetFile alone was repeated after it had begun. */
  repeats: number;
  commands: CommandProgress[];
  failure?: Failure;
  /** Its evidence is that of an earlier run, `machineActionId`, whose first result was stored then. */
  reusedFrom?: { archivedAt: EpochMs };
  updatedAt: EpochMs;
  endedAt?: EpochMs;
}

/** When the wait of a waiting task began; no two waits of a task begin at the same instant. */
export const waitingSince = (task: Task): EpochMs => task.waiting?.since ?? task.updatedAt;

export const isFinal = (state: TaskState): boolean => (FINAL_STATES as readonly TaskState[]).includes(state);
export const isWaiting = (state: TaskState): boolean => (WAITING_STATES as readonly TaskState[]).includes(state);
