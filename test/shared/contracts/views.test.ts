import { describe, expect, it } from 'vitest';
import { CollectionView } from '../../../shared/contracts/collection-view.ts';
import { apiError, ErrorEnvelope, httpStatusOf, invalidRequest } from '../../../shared/contracts/errors.ts';
import { CallbackBody, EndedOperation } from '../../../shared/contracts/operation-view.ts';
import { failureView, TaskView } from '../../../shared/contracts/task-view.ts';
import { emptyCounts } from '../../../shared/domain/collection.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';

const at = '2026-11-24T10:00:00.000Z';
const artifact = {
  artifactId: 'a',
  taskId: 't',
  index: 0,
  blobName: 'INC-1/c/ws01_m/00-GetFile-out.zip',
  bytes: 0,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  contentBytes: null,
  contentSha256: null,
  exitCode: null,
  archivedAt: at,
};
const task: TaskView = {
  taskId: 't',
  target: { machineTag: 'finance' },
  machineId: null,
  computerDnsName: null,
  state: 'failed',
  attempts: 1,
  machineActionId: null,
  failure: failureView(failureOf('AmbiguousTarget', { candidates: [{ machineId: 'm' }] })),
  commands: [{ index: 0, type: 'GetFile', path: '/a', state: 'archived', errors: [], artifact }],
};
const collection: CollectionView = {
  collectionId: 'c',
  requestId: null,
  caseId: 'INC-1',
  comment: null,
  priority: 'normal',
  requestedBy: null,
  state: 'failed',
  outcome: 'none',
  createdAt: at,
  updatedAt: at,
  expiresAt: at,
  completedAt: at,
  counts: { ...emptyCounts(), total: 1, failed: 1 },
  tasks: [task],
};

describe('the shapes of answers', () => {
  it('hold a collection with its tasks, alone, at the end of an operation and in a callback', () => {
    const ended = { id: 'c', status: 'Failed', outcome: 'none', result: collection };
    expect(CollectionView.parse(collection)).toEqual(collection);
    expect(EndedOperation.parse(ended)).toEqual(ended);
    expect(CallbackBody.parse({ eventId: 'e', ...ended })).toEqual({ eventId: 'e', ...ended });
  });

  it('refuse a hash in capitals', () => {
    const loud = { ...artifact, sha256: artifact.sha256.toUpperCase() };
    const [command] = task.commands;
    expect(TaskView.safeParse({ ...task, commands: [{ ...command, artifact: loud }] }).success).toBe(false);
  });

  it("show Defender's number as it was, or null", () => {
    expect(failureView(failureOf('DefenderError', { errorHResult: -2145844840 })).errorHResult).toBe(-2145844840);
    expect(failureView(failureOf('DefenderError'))).toMatchObject({ errorHResult: null });
  });

  it('hold errors in one envelope, whose code says the status', () => {
    const error = apiError('Forbidden', { message: 'Grant Evidence.Read.', target: 'Evidence.Read' });
    expect(ErrorEnvelope.parse({ error })).toEqual({ error });
    expect([httpStatusOf('Forbidden'), httpStatusOf('RequestIdReused')]).toEqual([403, 409]);
    const faults = [{ code: 'Required', target: 'targets', message: 'Name a device.' }] as const;
    expect(invalidRequest(faults)).toMatchObject({ target: 'targets', message: 'targets: Name a device.' });
  });
});
