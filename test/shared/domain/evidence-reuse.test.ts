import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reusable } from '../../../shared/domain/evidence-reuse.ts';
import { type CommandProgress, TASK_STATES } from '../../../shared/domain/task.ts';
import { anArtifact, aTask, NOON } from './samples.ts';

const put: CommandProgress = { index: 0, type: 'PutFile', state: 'completed', errors: [] };
const stored = (index: number, archivedAt: number): CommandProgress => ({
  index,
  type: 'GetFile',
  state: 'archived',
  errors: [],
  artifact: { ...anArtifact(index), archivedAt },
});
const archived = aTask({
  state: 'archived',
  machineActionId: 'action-1',
  commands: [put, stored(1, NOON + 5), stored(2, NOON)],
});

describe('evidence that serves once more', () => {
  it('is whole, and its first result is as fresh as set', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (reuseMs, later) => {
        const found = reusable(archived, reuseMs, NOON + later);
        expect(found !== undefined).toBe(later <= reuseMs);
      }),
    );
    expect(reusable(archived, 9, NOON)).toMatchObject({ archivedAt: NOON, machineActionId: 'action-1' });
    expect(reusable(archived, 9, NOON)?.artifacts.map((a) => a.index)).toEqual([1, 2]);
  });

  it('keeps the age of the run through every copy', () => {
    const copy = { ...archived, reusedFrom: { archivedAt: NOON - 100 } };
    expect(reusable(copy, 50, NOON)).toBeUndefined();
    expect(reusable(copy, 100, NOON)?.archivedAt).toBe(NOON - 100);
  });

  it('is only that of a task that was archived', () => {
    for (const state of TASK_STATES)
      expect(reusable({ ...archived, state }, 9, NOON) !== undefined).toBe(state === 'archived');
  });

  it('is none where nothing was stored', () => {
    expect(reusable({ ...archived, commands: [put] }, 9, NOON)).toBeUndefined();
  });
});
