import type { Failure } from './failures/failure-codes.ts';
import type { Artifact, CommandState, Waiting } from './task.ts';
import type { EpochMs } from './time.ts';

/** What one command of an action looked like when it was observed. */
export interface ObservedCommand {
  index: number;
  state: Exclude<CommandState, 'archived'>;
  errors: string[];
}

/** Everything that can happen to a task. Events of an attempt name it: those of an earlier one change nothing. */
export type TaskEvent =
  | { type: 'resolved'; at: EpochMs; machineId: string; computerDnsName?: string; platform?: string }
  /** `served`: how many tasks the attempt serves, where it is more than this one. */
  | { type: 'submitting'; at: EpochMs; attemptId: string; served?: number }
  /** An attempt of the same run is there already; with its action, once Defender has one. */
  | {
      type: 'joined';
      at: EpochMs;
      attemptId: string;
      served: number;
      machineActionId?: string;
      computerDnsName?: string;
    }
  /** Fresh evidence of an earlier run is there: nothing is submitted. `attemptId` names the copying. */
  | { type: 'reused'; at: EpochMs; attemptId: string; machineActionId: string; archivedAt: EpochMs }
  /** The collection is stopped, the attempt goes on for others. `lost`: it was over, and a crash kept its results away. */
  | { type: 'left'; at: EpochMs; attemptId: string; failure: Failure; lost?: boolean }
  | {
      type: 'submitted';
      at: EpochMs;
      attemptId: string;
      machineActionId: string;
      computerDnsName?: string;
      adopted: boolean;
    }
  /** Nothing that must not be repeated has begun: back to waiting. */
  | {
      type: 'setBack';
      at: EpochMs;
      attemptId: string;
      to: 'queued' | 'parked';
      waiting: Omit<Waiting, 'since'>;
      cause: SetBackCause;
    }
  /** A parked task may be tried at once. */
  | { type: 'woken'; at: EpochMs; why: 'blockerEnded' | 'machineSeen' }
  | { type: 'progressed'; at: EpochMs; attemptId: string; begun: boolean; commands: ObservedCommand[] }
  /** Every command is `completed`, `failed` or `notRun`: the action is final, or `goesOn` for other requests. */
  | {
      type: 'finished';
      at: EpochMs;
      attemptId: string;
      commands: ObservedCommand[];
      failure?: Failure;
      served?: number;
      goesOn?: true;
    }
  /** `shared`: others are owed the same result. */
  | { type: 'stored'; at: EpochMs; index: number; artifact: Artifact; shared?: boolean }
  | { type: 'notStored'; at: EpochMs; index: number; error: string; failure: Failure }
  /** Ends a task that holds nothing in Defender. */
  | { type: 'stopped'; at: EpochMs; state: 'failed' | 'cancelled' | 'expired'; failure: Failure };

/**
 * - `refused`: Defender refused the submit for now (429, busy)
 * - `fault`: no proper answer to a submit that did not take effect
 * - `asleep`: pending without progress, or timed out in Defender's queue
 * - `yielded`: an urgent task needed its slot
 * - `repeat`: an attempt of GetFile alone failed in a way that may heal
 * - `notReached`: the action ended at a file that another request asked for
 * - `neverSent`: the intent was saved, the call never made
 */
export type SetBackCause = 'refused' | 'fault' | 'asleep' | 'yielded' | 'repeat' | 'notReached' | 'neverSent';
