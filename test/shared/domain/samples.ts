import type { ActionCommand, ActionSnapshot, Machine } from '../../../shared/domain/action.ts';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import { type Collection, emptyCounts } from '../../../shared/domain/collection.ts';
import type { Candidate } from '../../../shared/domain/dispatch-plan.ts';
import type { DefenderLimits } from '../../../shared/domain/limits.ts';
import type { Command } from '../../../shared/domain/request/collection-request.ts';
import type { Artifact, CommandProgress, Task } from '../../../shared/domain/task.ts';

/** When every story here begins. */
export const NOON = Date.UTC(2026, 10, 24, 12);

export const machineId = (n: number): string => n.toString(16).padStart(40, '0');
export const attemptId = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

export const getFile = (path = 'C:\\a.txt'): Command => ({ type: 'GetFile', path });
export const runScript = (scriptName = 'collect.ps1', args?: string): Command =>
  args === undefined ? { type: 'RunScript', scriptName } : { type: 'RunScript', scriptName, args };
export const putFile = (fileName = 'tool.exe'): Command => ({ type: 'PutFile', fileName });

export const LIMITS: DefenderLimits = {
  submitsPerMinute: 10,
  sessions: 25,
  sessionsReserved: 2,
  callsPerMinute: 100,
  callsPerHour: 1500,
};

export function progressOf(...commands: Command[]): CommandProgress[] {
  return commands.map(({ type }, index) => ({ index, type, state: 'waiting', errors: [] }));
}

/** A task of one device that waits for its turn with a script and a file. */
export function aTask(fields: Partial<Task> = {}): Task {
  return {
    taskId: '0000-aaaaaaaaaaaa',
    collectionId: 'c1',
    target: { machineId: machineId(1) },
    machineId: machineId(1),
    state: 'queued',
    attempts: 0,
    waiting: { since: NOON },
    submitFaults: 0,
    repeats: 0,
    commands: progressOf(runScript(), getFile()),
    updatedAt: NOON,
    ...fields,
  };
}

/** The n-th task of as many collections that wait for the same device, awake. */
export const aCandidate = (n: number, fields: Partial<Candidate> = {}): Candidate => ({
  key: `0|r|2|0|c${n}|t${n}|${NOON}`,
  priority: 'normal',
  turn: NOON + n,
  acceptedAt: NOON + n,
  collectionId: `c${n}`,
  taskId: `t${n}`,
  retryAt: 0,
  since: NOON + n,
  machineId: machineId(1),
  asleep: false,
  ...fields,
});

export function aCollection(tasks: readonly Task[], fields: Partial<Collection> = {}): Collection {
  const counts = emptyCounts();
  for (const { state } of tasks) counts[state] += 1;
  return {
    collectionId: 'c1',
    tenantId: 'default',
    requestedBy: { kind: 'http' },
    priority: 'normal',
    createdAt: NOON,
    updatedAt: NOON,
    expiresAt: NOON + 86_400_000,
    targets: tasks.length,
    expandedTargets: tasks.length,
    expanded: true,
    resolveFaults: 0,
    bodyDigest: 'd'.repeat(64),
    counts: { ...counts, total: tasks.length },
    ended: false,
    nextSequence: 1,
    ...fields,
  };
}

/** An attempt whose action Defender has, and nothing has begun. */
export function anAttempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    attemptId: attemptId(1),
    tenantId: 'default',
    machineId: machineId(1),
    tasks: [{ collectionId: 'c1', taskId: '0000-aaaaaaaaaaaa' }],
    commands: [runScript(), getFile()],
    comment: `holdfast:${attemptId(1)}`,
    state: 'open',
    intentAt: NOON,
    repliedAt: NOON,
    machineActionId: 'action-1',
    ...fields,
  };
}

/** The same attempt between its intent and Defender's answer. */
export function anIntent(fields: Partial<Attempt> = {}): Attempt {
  const { repliedAt: _, machineActionId: __, ...rest } = anAttempt({ state: 'submitting' });
  return { ...rest, ...fields };
}

export function anAction(fields: Partial<ActionSnapshot> = {}): ActionSnapshot {
  const status = fields.status ?? 'pending';
  return {
    machineActionId: 'action-1',
    type: 'LiveResponse',
    status,
    rawStatus: status.charAt(0).toUpperCase() + status.slice(1),
    machineId: machineId(1),
    requestorComment: `holdfast:${attemptId(1)}`,
    commands: [
      { index: 0, command: runScript(), status: 'created', errors: [] },
      { index: 1, command: getFile(), status: 'created', errors: [] },
    ],
    ...fields,
  };
}

/** A command of an action as Defender shows it once something has happened to it. */
export function shown(index: number, status: ActionCommand['status'], fields: Partial<ActionCommand> = {}) {
  return { index, status, errors: [], ...fields } satisfies ActionCommand;
}

export function aMachine(n: number, fields: Partial<Machine> = {}): Machine {
  return {
    machineId: machineId(n),
    computerDnsName: `ws${n}.contoso.com`,
    healthStatus: 'Active',
    onboardingStatus: 'Onboarded',
    machineTags: [],
    ...fields,
  };
}

export function anArtifact(index = 0): Artifact {
  return {
    artifactId: `artifact-${index}`,
    blobName: `uncased/c1/device/0${index}-GetFile-a.txt`,
    bytes: 5,
    sha256: 'a'.repeat(64),
    archivedAt: NOON,
  };
}
