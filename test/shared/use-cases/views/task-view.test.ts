import { describe, expect, it } from 'vitest';
import { TaskView } from '../../../../shared/contracts/task-view.ts';
import { failureOf } from '../../../../shared/domain/failures/failure-codes.ts';
import type { CollectionRequest } from '../../../../shared/domain/request/collection-request.ts';
import { TASK_STATES, type Task } from '../../../../shared/domain/task.ts';
import { taskView, type WaitingFacts } from '../../../../shared/use-cases/views/task-view.ts';
import { anArtifact, aTask, getFile, machineId, NOON, progressOf, putFile, runScript } from '../../domain/samples.ts';

const request: CollectionRequest = {
  targets: [{ machineId: '1'.repeat(40) }],
  commands: [
    { type: 'PutFile', fileName: 'tool.exe', index: 0 },
    { type: 'RunScript', scriptName: 'collect.ps1', args: '-Deep', index: 1 },
    { type: 'RunScript', scriptName: 'plain.ps1', index: 2 },
    { type: 'GetFile', path: 'C:\\a.txt', index: 3 },
  ],
  priority: 'normal',
  expiresAt: '2026-11-25T12:00:00.000Z',
  given: ['targets', 'commands'],
};
const commands = progressOf(putFile(), runScript(), runScript(), getFile());
const task = (fields: Partial<Task> = {}): Task => aTask({ commands, ...fields });

const FACTS: WaitingFacts = {
  queuedReason: 'NoSlot',
  positions: new Map([[aTask().taskId, 7]]),
  estimateStart: (position) => NOON + (position - 1) * 60_000,
};

describe('a task as answers show it', () => {
  it.each(TASK_STATES)('fits its schema when it is %s', (state) => {
    const view = taskView(task({ state }), request, FACTS);
    expect(TaskView.parse(view)).toEqual(view);
    expect('waiting' in view).toBe(state === 'queued' || state === 'parked');
  });

  it('names its device and its action, each as soon as it is known', () => {
    const { machineId: _, ...unresolved } = task({ target: { computerDnsName: 'ws1' } });
    const nothing = { machineId: null, computerDnsName: null, machineActionId: null };
    expect(taskView(unresolved, request)).toMatchObject({ target: { computerDnsName: 'ws1' }, ...nothing });
    const known = { machineId: machineId(2), computerDnsName: 'ws1.contoso.com', machineActionId: 'action-1' };
    expect(taskView(task({ state: 'pending', ...known }), request)).toMatchObject(known);
  });

  it('says of each command what was asked, in its own words', () => {
    expect(taskView(task(), request).commands).toEqual([
      { index: 0, type: 'PutFile', fileName: 'tool.exe', state: 'waiting', errors: [] },
      { index: 1, type: 'RunScript', scriptName: 'collect.ps1', args: '-Deep', state: 'waiting', errors: [] },
      { index: 2, type: 'RunScript', scriptName: 'plain.ps1', state: 'waiting', errors: [] },
      { index: 3, type: 'GetFile', path: 'C:\\a.txt', state: 'waiting', errors: [] },
    ]);
  });

  it('gives a script no arguments that nobody asked for', () => {
    expect(taskView(task(), request).commands[2]).not.toHaveProperty('args');
  });

  it('tells what Defender said of a command', () => {
    const told = commands.map((c) => (c.index === 1 ? { ...c, errors: ['ScriptTimeout'] } : c));
    expect(taskView(task({ commands: told }), request).commands.map((c) => c.errors)).toEqual([
      [],
      ['ScriptTimeout'],
      [],
      [],
    ]);
  });

  it('is an error that names the task and the command where its request does not have that', () => {
    const three = { ...request, commands: request.commands.slice(0, 3) };
    expect(() => taskView(task(), three)).toThrow(`task ${aTask().taskId} has no command 3 in its request`);
  });

  it('says when it was archived that serves it a second time', () => {
    const again = task({ state: 'archived', reusedFrom: { archivedAt: NOON } });
    expect(taskView(again, request).reusedFrom).toEqual({
      archivedAt: '2026-11-24T12:00:00.000Z',
    });
    expect(taskView(task(), request)).not.toHaveProperty('reusedFrom');
  });

  it('shows an artifact with all its fields, there or null', () => {
    const archived = commands.map((c) => (c.index === 3 ? { ...c, artifact: anArtifact(3) } : c));
    expect(taskView(task({ commands: archived }), request).commands[3]?.artifact).toEqual({
      artifactId: 'artifact-3',
      taskId: aTask().taskId,
      index: 3,
      blobName: anArtifact(3).blobName,
      bytes: 5,
      sha256: 'a'.repeat(64),
      contentBytes: null,
      contentSha256: null,
      exitCode: null,
      archivedAt: '2026-11-24T12:00:00.000Z',
    });
  });

  it('keeps an exit code of 0, and content of 0 bytes', () => {
    const artifact = { ...anArtifact(3), exitCode: 0, contentBytes: 0 };
    const archived = commands.map((c) => (c.index === 3 ? { ...c, artifact } : c));
    expect(taskView(task({ commands: archived }), request).commands[3]?.artifact).toMatchObject({
      exitCode: 0,
      contentBytes: 0,
    });
  });

  it('says why it failed, what to do, and who has to', () => {
    expect(taskView(task({ state: 'failed', failure: failureOf('ScriptNotSigned') }), request).failure).toMatchObject({
      code: 'ScriptNotSigned',
      retryable: false,
      whoActs: 'defenderAdmin',
    });
  });

  it('tells nothing of attempts and faults within', () => {
    const view = taskView(task({ attemptId: 'SECRET', submitFaults: 3, repeats: 2 }), request);
    expect(JSON.stringify(view)).not.toMatch(/SECRET|submitFaults|repeats/);
  });
});

describe('a task that waits', () => {
  it('for its turn says why all wait now, its place, and when it may start', () => {
    expect(taskView(task(), request, FACTS).waiting).toEqual({
      reason: 'NoSlot',
      since: '2026-11-24T12:00:00.000Z',
      queuePosition: 7,
      estimatedStartAt: '2026-11-24T12:06:00.000Z',
    });
  });

  it('for a reason of its own says that one', () => {
    const waiting = { since: NOON, reason: 'SubmitRate' as const };
    expect(taskView(task({ waiting }), request, FACTS).waiting?.reason).toBe('SubmitRate');
  });

  it('for a time says that time', () => {
    const waiting = { since: NOON, reason: 'MachineAsleep' as const, retryAt: NOON + 30_000 };
    expect(taskView(task({ state: 'parked', waiting }), request, FACTS).waiting).toMatchObject({
      reason: 'MachineAsleep',
      estimatedStartAt: '2026-11-24T12:00:30.000Z',
    });
  });

  it('for a time that has come may start as soon as limits let anything start', () => {
    const waiting = { since: NOON - 90_000, reason: 'MachineAsleep' as const, retryAt: NOON - 30_000 };
    expect(taskView(task({ state: 'parked', waiting }), request, FACTS).waiting).toMatchObject({
      estimatedStartAt: '2026-11-24T12:00:00.000Z',
    });
  });

  it('for a time that was woken may start as soon as limits let anything start, however far that time is', () => {
    const waiting = { since: NOON, reason: 'MachineAsleep' as const, retryAt: NOON + 30_000, woken: true };
    expect(taskView(task({ state: 'parked', waiting }), request, FACTS).waiting).toMatchObject({
      estimatedStartAt: '2026-11-24T12:00:00.000Z',
    });
  });

  it('for a time says that one also where nothing is known of the queue', () => {
    const waiting = { since: NOON, reason: 'MachineAsleep' as const, retryAt: NOON + 30_000 };
    const shown = (fields: { woken?: true }) =>
      taskView(task({ state: 'parked', waiting: { ...waiting, ...fields } }), request).waiting;
    expect(shown({})).toMatchObject({ queuePosition: null, estimatedStartAt: '2026-11-24T12:00:30.000Z' });
    expect(shown({ woken: true })).toMatchObject({ queuePosition: null, estimatedStartAt: null });
  });

  it('without a reason of its own, where none is known for all, waits for the rate of submits since it changed', () => {
    const { waiting: _, ...rest } = task({ updatedAt: NOON + 1_000 });
    expect(taskView(rest, request).waiting).toMatchObject({ reason: 'SubmitRate', since: '2026-11-24T12:00:01.000Z' });
  });

  it('leaves place and estimate open where nothing is known of the queue', () => {
    expect(taskView(task(), request).waiting).toMatchObject({ queuePosition: null, estimatedStartAt: null });
    expect(taskView(task({ taskId: 'another' }), request, FACTS).waiting).toMatchObject({
      queuePosition: null,
      estimatedStartAt: null,
    });
  });
});
