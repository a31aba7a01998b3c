import type { Deps } from '../../shared/use-cases/deps.ts';

/** What can go wrong with one call to a port. */
export const CALL_FAULTS = [
  /** Takes much longer than usual, on the way there or back. */
  'delay',
  /** Fails before it had any effect. */
  'error',
  /** 429 of Defender, 503 `ServerBusy` of storage. */
  'throttled',
  /** Takes effect, and the answer is lost. */
  'lostReply',
  /** "Somebody else has written": where the port can say so. */
  'conflict',
  /** The process ends before the call had any effect. */
  'crashBefore',
  /** The call takes effect, and the process ends before it learns so. */
  'crashAfter',
  /** The process stands still for minutes with the answer at hand, as under SIGSTOP. */
  'pause',
  /** The whole service behind the port is away for a time. */
  'outage',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** What can go wrong around the calls. */
export const WORLD_FAULTS = [
  'messageDuplicated',
  'messageDelayed',
  'messageLost',
  'tickOnTwo',
  'tickSkipped',
  'clockSkew',
  'linkExpired',
  'linkRefused',
  'blobLate',
  'blobTruncated',
  'blobReplaced',
  'storedDamaged',
  'deviceAsleepForDays',
  'portalSession',
  'portalCancel',
  'cancelRequested',
  'cancelRacedSuccess',
  'expired',
  'repeatedRequest',
] as const;
export type WorldFault = (typeof WORLD_FAULTS)[number];

export type PortName = Exclude<keyof Deps, 'clock' | 'ids' | 'random' | 'log' | 'settings' | 'checkpoint' | 'canStore'>;

/** The I/O of Holdfast: every method of every port at which it waits. Bodies are read chunk by chunk. */
export const IO_STEPS = {
  collections: [
    'create',
    'header',
    'request',
    'tasksById',
    'tasks',
    'commit',
    'custody',
    'remove',
    'removed',
    'clear',
    'forget',
    'sweepRequests',
  ],
  work: ['load', 'attempt', 'job', 'commit'],
  index: ['write', 'range'],
  registers: ['read', 'write'],
  queues: ['send', 'sendText', 'depth'],
  secrets: ['key'],
  defender: ['submit', 'listActions', 'action', 'cancel', 'resultLink', 'machines', 'machine', 'machinesByIp'],
  results: ['open', 'chunk'],
  evidence: [
    'stat',
    'stagedBlocks',
    'stageBlock',
    'stageBlockFromUrl',
    'commitBlocks',
    'put',
    'read',
    'chunk',
    'readLink',
  ],
  callbacks: ['post'],
} as const satisfies Record<PortName, readonly string[]>;

export type IoStep = `${PortName}.${string}`;

export const ALL_STEPS: readonly IoStep[] = Object.entries(IO_STEPS).flatMap(([port, methods]) =>
  methods.map((method): IoStep => `${port as PortName}.${method}`),
);

/** Steps whose answer may be "conflict". */
const MAY_CONFLICT: ReadonlySet<string> = new Set([
  'collections.commit',
  'collections.remove',
  'work.commit',
  'registers.write',
]);

/** Why a fault cannot strike a step, or `undefined` where it can. */
export function impossible(step: IoStep, fault: CallFault): string | undefined {
  if (step === 'collections.forget') return 'what was removed is remembered for a year, and no world lasts so long';
  if (fault === 'conflict' && !MAY_CONFLICT.has(step)) return 'the port has no such answer';
  if (fault === 'outage' && (step.startsWith('results.') || step.startsWith('callbacks.')))
    return 'links and callbacks lead to many hosts: their faults are those of each call';
  if (fault === 'throttled' && step === 'results.chunk') return 'a body that has begun has its status already';
  if (fault === 'throttled' && step === 'evidence.chunk') return 'a body that has begun has its status already';
  return undefined;
}
