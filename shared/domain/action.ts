import type { Command } from './request/collection-request.ts';
import type { EpochMs } from './time.ts';

export type ActionStatus = 'pending' | 'inProgress' | 'succeeded' | 'failed' | 'timeOut' | 'cancelled' | 'unknown';

export type ActionCommandStatus = 'created' | 'executing' | 'completed' | 'failed' | 'unknown';

export interface ActionCommand {
  index: number;
  /** As Defender reports it, so that ours can be told from another's. */
  command?: Command;
  /** `Submitted` and `PendingResource` count as `created`; unknown values are not final. */
  status: ActionCommandStatus;
  startedAt?: EpochMs;
  endedAt?: EpochMs;
  errors: string[];
}

/** A machine action as Defender showed it at one moment. */
export interface ActionSnapshot {
  machineActionId: string;
  type: string;
  status: ActionStatus;
  /** Defender's own word. */
  rawStatus: string;
  machineId: string;
  computerDnsName?: string;
  requestorComment: string;
  createdAt?: EpochMs;
  updatedAt?: EpochMs;
  /** Defender's signed number; absent when 0. */
  errorHResult?: number;
  commands: ActionCommand[];
}

export interface Machine {
  machineId: string;
  computerDnsName?: string;
  aadDeviceId?: string;
  osPlatform?: string;
  healthStatus?: string;
  onboardingStatus?: string;
  lastSeenAt?: EpochMs;
  machineTags: string[];
}
