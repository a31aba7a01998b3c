import type { DoubtedResult } from './evidence/doubted-result.ts';
import type { Command, Priority } from './request/collection-request.ts';
import type { KindOfRun } from './schedule/run-times.ts';
import type { EpochMs } from './time.ts';

export interface TaskRef {
  collectionId: string;
  taskId: string;
}

/** A task that an attempt serves. Once its attempt names it, whoever looks next brings the task along. */
export interface ServedTask extends TaskRef {
  /**
   * When the wait began that the attempt ends: a task that still waits it out has not heard of the attempt. Absent in
   * rows of earlier versions.
   */
  since?: EpochMs;
  /** It came to an attempt that was there already. */
  joined?: boolean;
  /** Index of its first command in the action, where that is not 0. */
  firstIndex?: number;
}

/** A further request that an action serves, behind the first. */
export interface ReadsBehind {
  /** Digest of its commands. */
  run: string;
  /** Index of its first command in the action. */
  firstIndex: number;
}

/**
 * - `submitting`: the intent is saved; the call may or may not have reached Defender
 * - `open`: Defender has the action and it is not final
 * - `archiving`: the action is final, results are being stored; no slot is held any more
 * - `closed`: over; kept only until its submit permit returns
 */
export type AttemptState = 'submitting' | 'open' | 'archiving' | 'closed';

/**
 * - `probation`: no sign of life, and others wait for the slot
 * - `yielded`: an urgent task takes the slot of one in bulk that has not begun
 * - `requested`, `expired`: its collection is being stopped
 * - `stuck`: it should have ended long ago
 */
export type CancelReason = 'probation' | 'yielded' | 'requested' | 'expired' | 'stuck';

export interface AttemptCancel {
  reason: CancelReason;
  requestedAt: EpochMs;
  tries: number;
  /** Not asked again before this instant. */
  nextAt: EpochMs;
}

/**
 * One submit, of a task or of several that can share an action on one device: the write-ahead record of a call that cannot be
 * undone. Open attempts are what permits and slots derive from.
 */
export interface Attempt extends KindOfRun {
  attemptId: string;
  tenantId: string;
  machineId: string;
  /** At most `MOST_SERVED`, each once. */
  tasks: ServedTask[];
  commands: Command[];
  /** Digest of the commands of the first request: who asks the same of this device joins. Absent in rows of earlier versions. */
  run?: string;
  /** Further requests whose commands stand behind those of the first: all of them only read files. */
  behind?: ReadsBehind[];
  comment: string;
  state: AttemptState;
  intentAt: EpochMs;
  /** When Defender's answer, or the failure to get one, was known. Its permit returns 60 s later. */
  repliedAt?: EpochMs;
  /** When Defender answered the submit, but not with an action, which may be there all the same: a 5xx, or words that say nothing. */
  erredAt?: EpochMs;
  machineActionId?: string;
  computerDnsName?: string;
  /** Of its task. Rows of an earlier version do not tell. */
  priority?: Priority;
  /** Its device slept when last tried, and nothing has been seen of it since. */
  probe?: boolean;
  /** Defender gave no link to a result although its command had ended: those of this action are asked for at its end. */
  linksAtEnd?: boolean;
  /** First sign of life from the device: `InProgress`, or a command that started. */
  begunAt?: EpochMs;
  /** When the last command ended; the action's final state follows. */
  doneAt?: EpochMs;
  /** When the action reached its final state. */
  finalAt?: EpochMs;
  /** When an answer of Defender last showed this action. */
  shownAt?: EpochMs;
  /** When it was last looked for one by one. */
  soughtAt?: EpochMs;
  /** Since when Defender says that it knows no such action. */
  missingSince?: EpochMs;
  /** Command states as last told to the task, so that an unchanged look costs no write. */
  told?: string;
  /** Its action is over, and these collections could not be told at any look since then. */
  untold?: Untold;
  cancel?: AttemptCancel;
  closedAt?: EpochMs;
}

/** A task that owes the same result, and where its own copy goes. */
export interface OwedCopy extends TaskRef {
  blobName: string;
}

export interface Untold {
  since: EpochMs;
  /** How many looks failed since. */
  looks: number;
  collections: string[];
}

/** One result that must be stored. Its row exists from the action's end until the artifact, or why there is none, is recorded. */
export interface ResultJob {
  attemptId: string;
  tenantId: string;
  /** Of the command in the action. */
  index: number;
  /** Of the command in the requests of those who are owed the result, where it is another one. */
  commandIndex?: number;
  machineActionId: string;
  machineId: string;
  /** For whom Defender is asked. */
  task: TaskRef;
  command: Command;
  blobName: string;
  /** Who else is owed it: each gets a copy of what was stored. */
  others?: OwedCopy[];
  /** The same result is in the evidence of an earlier run: it is copied from there. No attempt is behind such a job. */
  from?: { blobName: string; sha256: string };
  /** Its command has ended, and its action goes on. Where that is too early for Defender, the action's end brings another job. */
  early?: boolean;
  /** What was stored could not be copied: Defender is asked once more, for `task`. */
  askAgain?: boolean;
  tries: number;
  /** How often Defender, out of order, gave no link. */
  linkFaults?: number;
  /** Bytes that wait in the store, uncommitted, when the last try ran out of time. */
  stagedBytes?: number;
  doubted?: DoubtedResult;
  createdAt: EpochMs;
  /** Not before this instant. A running try moves it ahead, so that a second one does not start beside it. */
  nextAt: EpochMs;
}

/** What all instances must agree on before a submit; its ETag guards every new attempt. */
export interface SubmitGuard {
  tenantId: string;
  /** No submit before this instant: a 429, or Defender is down. */
  pausedUntil?: EpochMs;
  pauseReason?: 'SubmitRate' | 'NoSlot' | 'DefenderUnavailable';
  /** 429 answers, or failures, in a row; reset by a proper answer. */
  refusals: number;
  /** Fewer sessions than configured, learned from a 429 while our own count was below it, and from what was shown open since. */
  sessionCeiling?: { sessions: number; until: EpochMs };
  /** Sessions beyond those configured that were ours at one time; one more is tried from `nextAt` on. */
  raised?: { slots: number; nextAt: EpochMs };
}

/** Since when Defender has, or may have, the action. */
export const pendingSince = (attempt: Attempt): EpochMs => attempt.repliedAt ?? attempt.intentAt;

/** Reasons that only want the slot: a device that wakes before the cancel takes effect runs on. */
export const wantsSlotOnly = (reason: CancelReason): boolean => reason === 'probation' || reason === 'yielded';
