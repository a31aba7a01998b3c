import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CollectionView } from '../../../../shared/contracts/collection-view.ts';
import type { Collection } from '../../../../shared/domain/collection.ts';
import type { CollectionRequest } from '../../../../shared/domain/request/collection-request.ts';
import { TASK_STATES, type Task, type TaskState } from '../../../../shared/domain/task.ts';
import {
  collectionSummary,
  collectionView,
  endedOperation,
  openOperation,
} from '../../../../shared/use-cases/views/collection-view.ts';
import { aCollection, aTask, NOON } from '../../domain/samples.ts';

const request: CollectionRequest = {
  targets: [{ computerDnsName: 'ws01' }],
  commands: [
    { type: 'RunScript', scriptName: 'collect.ps1', index: 0 },
    { type: 'GetFile', path: 'C:\\a.txt', index: 1 },
  ],
  priority: 'normal',
  expiresAt: '2026-11-25T12:00:00.000Z',
  callbackUrl: 'https://x.logic.azure.com/?sig=SECRET',
  given: ['targets', 'commands'],
};
const inStates = (...states: TaskState[]): Task[] => states.map((state, i) => aTask({ taskId: `000${i}`, state }));
const ended = (fields: Partial<NonNullable<Collection['closing']>> = {}, states: TaskState[] = ['archived']) =>
  aCollection(inStates(...states), {
    ended: true,
    closing: { at: NOON + 60_000, state: 'completed', outcome: 'complete', ...fields },
  });

describe('a collection as answers show it', () => {
  it('fits its schema, with every field there or null', () => {
    const view = collectionView(aCollection([aTask()]), request, [aTask()]);
    expect(CollectionView.parse(view)).toEqual(view);
    expect(view).toMatchObject({ requestId: null, caseId: null, comment: null, completedAt: null, state: 'queued' });
    expect(view).not.toHaveProperty('outcome');
  });

  it('has an outcome and an instant of completion once it has ended, not while it is closing', () => {
    const collection = ended();
    expect(collectionSummary(collection)).toMatchObject({
      state: 'completed',
      outcome: 'complete',
      completedAt: '2026-11-24T12:01:00.000Z',
    });
    const closing = collectionSummary({ ...collection, ended: false });
    expect(closing).toMatchObject({ state: 'archiving', completedAt: null });
    expect(closing).not.toHaveProperty('outcome');
  });

  it('counts targets that are not tasks yet as queued', () => {
    const collection = aCollection([aTask({ state: 'running' })], { targets: 5, expandedTargets: 2, expanded: false });
    expect(collectionSummary(collection).counts).toMatchObject({ total: 4, queued: 3, running: 1 });
  });

  it('tells nothing of the callback, of rows and of digests', () => {
    const callback = { sealedUrl: 'SEALED', eventId: 'EVENT', status: 'waiting' as const, tries: 0 };
    const text = JSON.stringify(collectionView(aCollection([aTask()], { callback }), request, [aTask()]));
    for (const secret of ['SECRET', 'SEALED', 'EVENT', 'd'.repeat(64), 'nextSequence', 'tenantId'])
      expect(text).not.toContain(secret);
  });

  it('links to further tasks only if there are any', () => {
    expect(collectionView(ended(), request, [])).not.toHaveProperty('tasksNextLink');
    expect(collectionView(ended(), request, [], { tasksNextLink: 'https://x' }).tasksNextLink).toBe('https://x');
  });
});

describe('an operation', () => {
  const percent = (...states: TaskState[]): number => openOperation(aCollection(inStates(...states))).percentComplete;

  it('has not started while all waits, and runs from then on', () => {
    expect(openOperation(aCollection(inStates('queued', 'parked'))).status).toBe('NotStarted');
    for (const state of ['submitting', 'pending', 'running', 'archiving', 'archived'] as const)
      expect(openOperation(aCollection(inStates('queued', state))).status).toBe('Running');
  });

  it('is as far as its tasks, and one under way counts half', () => {
    expect(percent('queued', 'parked')).toBe(0);
    expect(percent('running', 'queued')).toBe(25);
    expect(percent('archived', 'queued')).toBe(50);
    expect(percent('failed', 'archiving')).toBe(75);
  });

  it('never says 100 before its end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_STATES), { maxLength: 20 }), (states) => {
        const { percentComplete } = openOperation(aCollection(inStates(...states)));
        expect(Number.isInteger(percentComplete) && percentComplete >= 0 && percentComplete <= 99).toBe(true);
      }),
    );
  });

  it.each([
    ['completed', 'complete', 'Succeeded'],
    ['completed', 'partial', 'Succeeded'],
    ['expired', 'partial', 'Succeeded'],
    ['expired', 'none', 'Failed'],
    ['failed', 'none', 'Failed'],
    ['cancelled', 'complete', 'Canceled'],
    ['cancelled', 'none', 'Canceled'],
  ] as const)('of a collection that is %s with outcome %s has %s', (state, outcome, status) => {
    const collection = ended({ state, outcome });
    const view = collectionView(collection, request, []);
    expect(endedOperation(collection, view)).toEqual({ id: 'c1', status, outcome, result: view });
  });
});
