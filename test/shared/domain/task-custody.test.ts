import { describe, expect, it } from 'vitest';
import type { CustodyEntry } from '../../../shared/domain/custody.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { custodyOfTask } from '../../../shared/domain/task-custody.ts';
import type { TaskEvent } from '../../../shared/domain/task-events.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { toIso } from '../../../shared/domain/time.ts';
import { finishedAs } from './any-task-events.ts';
import { anArtifact, aTask, attemptId, NOON } from './samples.ts';

const FIRST = attemptId(1);
const at = NOON + 60_000;
const submitting: TaskEvent = { type: 'submitting', at, attemptId: FIRST };
const submitted: TaskEvent = { type: 'submitted', at, attemptId: FIRST, machineActionId: 'action-1', adopted: false };
const running = (first: 'running' | 'completed'): Extract<TaskEvent, { type: 'progressed' }> => ({
  type: 'progressed',
  at,
  attemptId: FIRST,
  begun: true,
  commands: [{ index: 0, state: first, errors: [] }],
});
const stored = (index: number): TaskEvent => ({ type: 'stored', at, index, artifact: anArtifact(index) });

/** The custody log of one task through these events. */
function log(events: TaskEvent[], from: Task = aTask()): CustodyEntry[] {
  let task = from;
  return events.flatMap((event) => {
    const before = task;
    task = transition(before, event);
    return task === before ? [] : custodyOfTask(before, task, event);
  });
}
const types = (entries: CustodyEntry[]): string[] => entries.map((e) => e.type);

describe('the custody log of a task', () => {
  it('tells its life from the intent to its end', () => {
    const entries = log([
      submitting,
      submitted,
      running('running'),
      finishedAs(FIRST, ['completed', 'completed'], at),
      stored(0),
      stored(1),
    ]);
    expect(types(entries)).toEqual([
      'attempt.intended',
      'action.submitted',
      'action.began',
      'action.ended',
      'artifact.archived',
      'artifact.archived',
      'task.ended',
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ at, actor: 'holdfast', taskId: aTask().taskId });
    expect(entries.map((e) => e.machineActionId === 'action-1')).toEqual(
      types(entries).map((t) => t.startsWith('action.')),
    );
    expect(entries[0]?.data).toEqual({ attemptId: FIRST, machineId: aTask().machineId });
    expect(entries[2]?.data).toEqual({ attemptId: FIRST });
    expect(entries[1]).toMatchObject({ machineActionId: 'action-1', data: { attemptId: FIRST } });
    expect(entries[3]?.data).toEqual({
      attemptId: FIRST,
      commands: [
        { index: 0, state: 'completed' },
        { index: 1, state: 'completed' },
      ],
    });
    expect(entries[4]).toMatchObject({
      artifactId: 'artifact-0',
      data: { index: 0, bytes: 5, sha256: 'a'.repeat(64), blobName: anArtifact(0).blobName },
    });
    expect(entries.at(-1)?.data).toEqual({ state: 'archived' });
  });

  it('tells once that the device began, also when the first look finds a command completed', () => {
    const began = (...seen: TaskEvent[]) => types(log([submitting, submitted, ...seen])).slice(2);
    expect(began(running('completed'))).toEqual(['action.began']);
    expect(began({ ...running('running'), commands: [] }, running('running'))).toEqual(['action.began']);
  });

  it('tells an adopted action from one whose reply came', () => {
    expect(types(log([submitting, { ...submitted, adopted: true }]))).toEqual(['attempt.intended', 'action.adopted']);
  });

  it('tells why a task fell back, for whom it waits and until when', () => {
    const parked: TaskEvent = {
      type: 'setBack',
      at,
      attemptId: FIRST,
      to: 'parked',
      waiting: { reason: 'MachineBusy', retryAt: NOON + 90_000, blockerActionId: 'action-9' },
      cause: 'refused',
    };
    const [, closed, waits] = log([submitting, parked]);
    expect(closed).toMatchObject({ type: 'attempt.closed', data: { attemptId: FIRST, cause: 'refused' } });
    expect(waits).toMatchObject({
      type: 'task.parked',
      data: { reason: 'MachineBusy', retryAt: '2026-11-24T12:01:30.000Z', blockerActionId: 'action-9' },
    });
    const woken = log([submitting, parked, { type: 'woken', at, why: 'blockerEnded' }]).at(-1);
    expect(woken).toMatchObject({ type: 'task.requeued', data: { reason: 'blockerEnded' } });
  });

  it('tells of a task that keeps its place that it is queued again, and why', () => {
    const back: TaskEvent = {
      type: 'setBack',
      at,
      attemptId: FIRST,
      to: 'queued',
      waiting: { reason: 'SubmitRate' },
      cause: 'refused',
    };
    expect(log([submitting, back]).at(-1)).toMatchObject({ type: 'task.requeued', data: { reason: 'SubmitRate' } });
    expect(log([submitting, back]).at(-1)?.data).not.toHaveProperty('retryAt');
    expect(log([submitting, back]).at(-1)?.data).not.toHaveProperty('blockerActionId');
  });

  it('tells which machine a target turned out to be', () => {
    const { machineId: _, ...unresolved } = aTask();
    const [entry] = log([{ type: 'resolved', at, machineId: 'm', computerDnsName: 'ws1' }], unresolved);
    expect(entry).toMatchObject({ type: 'task.resolved', data: { machineId: 'm', computerDnsName: 'ws1' } });
  });

  it('tells what could not be stored, and why a task ended without it', () => {
    const failure = failureOf('ResultDamaged');
    const lost = (index: number): TaskEvent => ({ type: 'notStored', at, index, error: failure.code, failure });
    const entries = log([submitting, submitted, finishedAs(FIRST, ['completed', 'completed'], at), lost(0), lost(1)]);
    expect(entries.slice(3).map((e) => [e.type, e.data])).toEqual([
      ['artifact.notStored', { index: 0, code: 'ResultDamaged' }],
      ['artifact.notStored', { index: 1, code: 'ResultDamaged' }],
      ['task.ended', { state: 'failed', code: 'ResultDamaged' }],
    ]);
  });

  it('tells of a stop only that the task ended', () => {
    const stop: TaskEvent = { type: 'stopped', at, state: 'expired', failure: failureOf('Expired') };
    expect(log([stop]).map((e) => [e.type, e.data])).toEqual([['task.ended', { state: 'expired', code: 'Expired' }]]);
  });

  it('says of a shared run for how many it was, never for whom', () => {
    const joined: TaskEvent = { type: 'joined', at, attemptId: FIRST, served: 3, machineActionId: 'action-1' };
    const finished = { ...finishedAs(FIRST, ['completed', 'failed'], at), served: 2 };
    const entries = log([joined, finished, { ...stored(0), shared: true } as TaskEvent]);
    expect(entries.map((e) => [e.type, e.machineActionId, e.data.shared, e.data.requests])).toEqual([
      ['attempt.joined', 'action-1', true, 3],
      ['action.ended', 'action-1', true, 2],
      ['artifact.archived', 'action-1', true, undefined],
      ['task.ended', undefined, undefined, undefined],
    ]);
    expect(log([{ ...submitting, served: 1 } as TaskEvent])[0]?.data).not.toHaveProperty('shared');
    expect(log([{ ...submitting, served: 2 } as TaskEvent])[0]?.data).toMatchObject({ shared: true, requests: 2 });
  });

  it('says when a task left its run to others', () => {
    const left: TaskEvent = { type: 'left', at, attemptId: FIRST, failure: failureOf('Cancelled') };
    expect(log([submitting, submitted, left]).slice(-2)).toMatchObject([
      { type: 'attempt.left', data: { attemptId: FIRST } },
      { type: 'task.ended', data: { state: 'cancelled', code: 'Cancelled' } },
    ]);
  });

  it('says of reused evidence when it was archived, and by which action', () => {
    const reused: TaskEvent = { type: 'reused', at, attemptId: FIRST, machineActionId: 'action-0', archivedAt: NOON };
    expect(log([reused, stored(0), stored(1)])).toMatchObject([
      { type: 'evidence.reused', machineActionId: 'action-0', data: { archivedAt: toIso(NOON) } },
      { type: 'artifact.archived', machineActionId: 'action-0', data: { reused: true } },
      { type: 'artifact.archived', machineActionId: 'action-0', data: { reused: true } },
      { type: 'task.ended', data: { state: 'archived' } },
    ]);
  });
});
