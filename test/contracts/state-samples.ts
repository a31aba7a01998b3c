import { randomUUID } from 'node:crypto';
import type { Attempt, ResultJob } from '../../shared/domain/attempt.ts';
import { type Collection, emptyCounts } from '../../shared/domain/collection.ts';
import type { CustodyEntry } from '../../shared/domain/custody.ts';
import type { CollectionRequest } from '../../shared/domain/request/collection-request.ts';
import type { Task } from '../../shared/domain/task.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

/** Characters that break careless storage: quotes, backslashes, line ends, controls, every plane, half a surrogate pair. */
export const AWKWARD_TEXT = 'C:\\Users\\"Zoë"\r\n\t\u0000\u0007\u2028 日本語 ع 🕵️‍♀️ \ud83d <&\'%2F{}#?';

export function aCollection(fields: Partial<Collection> = {}): Collection {
  return {
    collectionId: randomUUID(),
    tenantId: 'default',
    requestedBy: { kind: 'http' },
    priority: 'normal',
    createdAt: NOON,
    updatedAt: NOON,
    expiresAt: NOON + 86_400_000,
    targets: 1,
    expandedTargets: 0,
    expanded: false,
    resolveFaults: 0,
    bodyDigest: 'd'.repeat(64),
    counts: emptyCounts(),
    ended: false,
    nextSequence: 1,
    ...fields,
  };
}

export function aRequest(fields: Partial<CollectionRequest> = {}): CollectionRequest {
  return {
    targets: [{ computerDnsName: 'laptop-1.contoso.com' }],
    commands: [{ type: 'GetFile', path: 'C:\\Windows\\win.ini', index: 0 }],
    priority: 'normal',
    expiresAt: '2026-11-25T12:00:00.000Z',
    given: ['targets', 'commands'],
    ...fields,
  };
}

export function aTask(collectionId: string, taskId: string, fields: Partial<Task> = {}): Task {
  return {
    taskId,
    collectionId,
    target: { computerDnsName: `${taskId}.contoso.com` },
    state: 'queued',
    attempts: 0,
    submitFaults: 0,
    repeats: 0,
    commands: [],
    updatedAt: NOON,
    ...fields,
  };
}

export function anEvent(fields: Partial<CustodyEntry> = {}): CustodyEntry {
  return { at: NOON, type: 'collection.accepted', actor: 'holdfast', data: {}, ...fields };
}

export function anAttempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    attemptId: randomUUID(),
    tenantId: 'default',
    machineId: '1'.repeat(40),
    tasks: [{ collectionId: 'c1', taskId: 't1' }],
    commands: [{ type: 'GetFile', path: 'C:\\a.txt' }],
    comment: 'Holdfast',
    state: 'submitting',
    intentAt: NOON,
    ...fields,
  };
}

export function aJob(fields: Partial<ResultJob> = {}): ResultJob {
  return {
    attemptId: randomUUID(),
    tenantId: 'default',
    index: 0,
    machineActionId: 'action-1',
    machineId: '1'.repeat(40),
    task: { collectionId: 'c1', taskId: 't1' },
    command: { type: 'GetFile', path: 'C:\\a.txt' },
    blobName: 'uncased/c1/device/00-GetFile-a.txt',
    tries: 0,
    createdAt: NOON,
    nextAt: NOON,
    ...fields,
  };
}
