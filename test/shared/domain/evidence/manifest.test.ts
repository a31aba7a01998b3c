import { describe, expect, it } from 'vitest';
import type { CustodyEntry, CustodyEvent } from '../../../../shared/domain/custody.ts';
import { buildManifest, MANIFEST_VERSION } from '../../../../shared/domain/evidence/manifest.ts';
import { NOON } from '../samples.ts';

const AT = '2026-11-24T12:00:00.000Z';
const request = {
  targets: [{ machineTag: 'Tier 0' }],
  commands: [{ type: 'GetFile' as const, path: 'C:\\a', index: 0 }],
  priority: 'urgent' as const,
  expiresAt: AT,
  callbackUrl: 'https://secret.logic.azure.com/x?sig=secret',
  given: ['targets' as const],
};

let sequence = 0;
function event(type: CustodyEntry['type'], taskId: string, data: CustodyEntry['data'], action?: string): CustodyEvent {
  sequence += 1;
  const named = action === undefined ? {} : { machineActionId: action };
  return { sequence, at: NOON, type, actor: 'holdfast', taskId, data, ...named };
}

function manifestOf(custody: CustodyEvent[]) {
  const collection = { collectionId: 'c1', tasks: [{ taskId: 't1' }, { taskId: 't2' }] };
  return buildManifest({ software: { name: 'holdfast', version: '9.9.9' }, collection, request, custody });
}

describe('the manifest', () => {
  it('names its form, the software, what was asked and how long the custody log was', () => {
    const manifest = manifestOf([event('collection.accepted', 't1', {})]);
    expect(manifest).toMatchObject({
      schemaVersion: MANIFEST_VERSION,
      software: { name: 'holdfast', version: '9.9.9' },
      collection: { collectionId: 'c1' },
      request: { targets: request.targets, commands: request.commands },
      custodyEvents: 1,
    });
  });

  it('holds no callback address', () => {
    expect(JSON.stringify(manifestOf([]))).not.toContain('secret');
  });

  it('names the recipe, if one was asked for', () => {
    expect(manifestOf([]).request).not.toHaveProperty('recipe');
    const recipe = { name: 'windows-triage', parameters: {} };
    const parts = { software: { name: 'holdfast', version: '1' }, collection: { tasks: [] }, custody: [] };
    expect(buildManifest({ ...parts, request: { ...request, recipe } }).request).toMatchObject({ recipe });
  });

  it('tells of each task every attempt, in order, with its action and times', () => {
    const custody = [
      event('attempt.intended', 't1', { attemptId: 'a1' }),
      event('action.submitted', 't1', { attemptId: 'a1' }, 'action-1'),
      event('attempt.intended', 't2', { attemptId: 'b1' }),
      event('attempt.closed', 't1', { attemptId: 'a1', cause: 'asleep' }),
      event('task.parked', 't1', { reason: 'MachineAsleep' }),
      event('attempt.intended', 't1', { attemptId: 'a2' }),
      event('action.adopted', 't1', { attemptId: 'a2' }, 'action-2'),
      event('action.began', 't1', { attemptId: 'a2' }, 'action-2'),
      event('action.ended', 't1', { attemptId: 'a2' }, 'action-2'),
      event('action.cancelRequested', 't1', { attemptId: 'a2', reason: 'requested' }),
    ];
    const [first, second] = manifestOf(custody).collection.tasks;
    expect(first?.attemptLog).toEqual([
      {
        attemptId: 'a1',
        intendedAt: AT,
        machineActionId: 'action-1',
        submittedAt: AT,
        endedAt: AT,
        closedBecause: 'asleep',
      },
      {
        attemptId: 'a2',
        intendedAt: AT,
        machineActionId: 'action-2',
        submittedAt: AT,
        adopted: true,
        begunAt: AT,
        endedAt: AT,
      },
    ]);
    expect(second?.attemptLog).toEqual([{ attemptId: 'b1', intendedAt: AT }]);
  });

  it('tells of an attempt that served several requests how many they were, and who came or went later', () => {
    const shared = { shared: true, requests: 2 };
    const custody = [
      event('attempt.joined', 't1', { attemptId: 'a1', ...shared }, 'action-1'),
      event('action.ended', 't1', { attemptId: 'a1', ...shared, requests: 3 }, 'action-1'),
      event('attempt.intended', 't2', { attemptId: 'b1', ...shared }),
      event('attempt.left', 't2', { attemptId: 'b1' }),
    ];
    const [first, second] = manifestOf(custody).collection.tasks;
    expect(first?.attemptLog).toEqual([
      { attemptId: 'a1', machineActionId: 'action-1', joinedAt: AT, endedAt: AT, shared: true, requests: 3 },
    ]);
    expect(second?.attemptLog).toEqual([{ attemptId: 'b1', intendedAt: AT, ...shared, leftAt: AT }]);
  });

  it('leaves out of an attempt what nobody knows, and what says nothing of its course', () => {
    const custody = [
      event('attempt.intended', 't1', { attemptId: 'a1' }),
      event('action.began', 't1', { attemptId: 'a1' }),
      event('action.cancelRequested', 't1', { attemptId: 'a1', reason: 'requested' }, 'action-1'),
    ];
    const [first] = manifestOf(custody).collection.tasks;
    expect(first?.attemptLog).toStrictEqual([{ attemptId: 'a1', intendedAt: AT, begunAt: AT }]);
  });

  it('is the same whenever it is made of the same record', () => {
    const custody = [event('attempt.intended', 't1', { attemptId: 'a1' })];
    expect(JSON.stringify(manifestOf(custody))).toBe(JSON.stringify(manifestOf(custody)));
  });
});
