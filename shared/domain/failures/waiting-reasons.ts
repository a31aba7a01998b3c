/** Why a task that is queued or parked does not move, and what moves it again. Every reason names its waker. */

export const WAITING_REASONS = [
  'SubmitRate',
  'NoSlot',
  'MachineBusy',
  'MachineAsleep',
  'DefenderUnavailable',
  'LibraryNotReady',
  'AwaitingApproval',
  'Paused',
] as const;
export type WaitingReason = (typeof WAITING_REASONS)[number];

export interface WaitingEntry {
  readonly reason: WaitingReason;
  /** For the analyst. */
  readonly message: string;
  /** What ends the wait. */
  readonly wokenBy: string;
}

const ENTRIES = {
  SubmitRate: {
    message: "Defender's limit of live response calls per minute is used up; the task waits for its turn.",
    wokenBy: 'The next free call in the sliding minute, taken by the next dispatch.',
  },
  NoSlot: {
    message: 'All live response sessions that Holdfast may use are taken.',
    wokenBy: 'A session that ends, or one that a sleeping device gives back after its probation.',
  },
  MachineBusy: {
    message: 'The device is in another live response session, perhaps one opened by a person in the portal.',
    wokenBy: 'The end of the other session, looked for again with growing waits.',
  },
  MachineAsleep: {
    message: 'The device did not answer: it is offline, asleep, or cut off from Windows push notifications.',
    wokenBy: 'Defender showing the device awake, a session that is idle, or the end of its rest.',
  },
  DefenderUnavailable: {
    message: "Defender's API does not answer, or asks for patience.",
    wokenBy: 'The time that Defender named, or the next try with growing waits.',
  },
  LibraryNotReady: {
    message: 'The script was not found in the library; a fresh upload can take minutes to arrive everywhere.',
    wokenBy: 'One later try, after the time that an upload may take.',
  },
  AwaitingApproval: {
    message: 'The policy asks for a person to approve this before it runs.',
    wokenBy: 'The approval or its refusal.',
  },
  Paused: {
    message: 'An operator has paused the submits of this Holdfast.',
    wokenBy: 'The operator resuming.',
  },
} as const satisfies Record<WaitingReason, Omit<WaitingEntry, 'reason'>>;

export function waitingEntry(reason: WaitingReason): WaitingEntry {
  return { reason, ...ENTRIES[reason] };
}
