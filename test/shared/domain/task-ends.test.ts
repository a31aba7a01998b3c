import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { TaskState } from '../../../shared/domain/task.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { type CommandFate, endsAs, finishedAs } from './any-task-events.ts';
import { aTask, getFile, progressOf, putFile, runScript } from './samples.ts';
import {
  bothCompleted,
  FIRST,
  LATER,
  notStored,
  running,
  stopped,
  stored,
  submitted,
  submitting,
  taskAfter,
} from './task-story.ts';

describe('how a task ends', () => {
  const cases: [what: string, fates: [CommandFate, CommandFate], state: TaskState][] = [
    ['all results stored', ['stored', 'stored'], 'archived'],
    ['one stored, one failed on the device', ['stored', 'failed'], 'partial'],
    ['one stored, one not run', ['stored', 'notRun'], 'partial'],
    ['one stored, one lost', ['stored', 'lost'], 'partial'],
    ['one failed, the other not run', ['failed', 'notRun'], 'failed'],
    ['all results lost', ['lost', 'lost'], 'failed'],
    ['nothing run', ['notRun', 'notRun'], 'failed'],
  ];

  it.each(cases)('is decided by its commands: %s', (_, fates, state) => {
    expect(endsAs(taskAfter(submitting, submitted), FIRST, fates).state).toBe(state);
  });

  it('does not depend on the order in which its results are stored', () => {
    expect(taskAfter(submitting, submitted, bothCompleted, stored(1), stored(0)).state).toBe('archived');
    expect(taskAfter(submitting, submitted, bothCompleted, notStored(1), stored(0)).state).toBe('partial');
  });

  it('needs no stored result of a PutFile, and is archived with it alone', () => {
    const task = [submitting, submitted].reduce(transition, aTask({ commands: progressOf(putFile()) }));
    expect(transition(task, finishedAs(FIRST, ['completed'], LATER)).state).toBe('archived');
  });

  it('is not partial for a PutFile: that is no evidence', () => {
    const task = [submitting, submitted].reduce(transition, aTask({ commands: progressOf(putFile(), runScript()) }));
    expect(transition(task, finishedAs(FIRST, ['completed', 'failed'], LATER)).state).toBe('failed');
  });

  it.each([
    ['Cancelled', 'cancelled'],
    ['Expired', 'expired'],
    ['ActionTimedOut', 'failed'],
  ] as const)('without evidence, for %s, is %s', (code, state) => {
    const end = { ...finishedAs(FIRST, ['failed', 'notRun'], LATER), failure: failureOf(code) };
    expect(taskAfter(submitting, submitted, end)).toMatchObject({ state, failure: { code } });
  });

  it('without evidence and without a word why is the failure of its commands', () => {
    expect(taskAfter(submitting, submitted, finishedAs(FIRST, ['failed', 'notRun'], LATER))).toMatchObject({
      state: 'failed',
      failure: { code: 'CommandFailed' },
    });
  });

  it('is open while its action is: a result that cannot be stored ends nothing yet, and is judged for good', () => {
    const half = {
      ...running,
      commands: [{ index: 0, state: 'completed' as const, errors: [] }],
    };
    const task = taskAfter(submitting, submitted, half);
    const judged = transition(task, notStored(0));
    expect(judged.state).toBe('running');
    expect(judged.commands[0]).toMatchObject({ state: 'failed', errors: expect.arrayContaining(['ResultDamaged']) });
    const ended = transition(judged, finishedAs(FIRST, ['completed', 'completed'], LATER));
    expect(ended.commands.map((c) => c.state)).toEqual(['failed', 'completed']);
    expect(ended.state).toBe('archiving');
  });

  it('does not mind word of a command that it never had', () => {
    const task = taskAfter(submitting, submitted, bothCompleted);
    expect(transition(task, notStored(7))).toBe(task);
    expect(transition(task, stored(7))).toBe(task);
  });

  it('names the first failure, not the one that followed', () => {
    const end = { ...finishedAs(FIRST, ['completed', 'failed'], LATER), failure: failureOf('FileNotFound') };
    expect(taskAfter(submitting, submitted, end, notStored(0)).failure?.code).toBe('FileNotFound');
  });

  it('a result stored after it was given up counts, while the task is open', () => {
    const task = taskAfter(submitting, submitted, bothCompleted, notStored(0), stored(0));
    expect(task.commands[0]?.state).toBe('archived');
    expect(transition(task, stored(1)).state).toBe('archived');
  });

  it('a result that was stored is not lost afterwards', () => {
    const task = taskAfter(submitting, submitted, bothCompleted, stored(0));
    expect(transition(task, notStored(0))).toBe(task);
  });

  it('waits for what has not begun, whatever Defender calls the action', () => {
    const early = finishedAs(FIRST, ['completed', 'waiting'], LATER);
    expect(taskAfter(submitting, submitted, early, stored(0)).state).toBe('archiving');
  });

  it('does not come while the action runs, though every result is stored', () => {
    const done = {
      ...running,
      commands: [0, 1].map((index) => ({ index, state: 'completed' as const, errors: [] })),
    };
    const task = taskAfter(submitting, submitted, done, stored(0), stored(1));
    expect(task).toMatchObject({ state: 'running', commands: [{ state: 'archived' }, { state: 'archived' }] });
  });

  it('leaves each command as it was', () => {
    const states = (...fates: [CommandFate, CommandFate]) =>
      endsAs(taskAfter(submitting, submitted), FIRST, fates).commands.map((c) => c.state);
    expect(states('stored', 'failed')).toEqual(['archived', 'failed']);
    expect(states('failed', 'notRun')).toEqual(['failed', 'notRun']);
  });

  it('tells of a result that was lost why, the code first', () => {
    const lost = { ...notStored(0), error: 'the link had expired' };
    expect(taskAfter(submitting, submitted, bothCompleted, lost).commands[0]).toMatchObject({
      state: 'failed',
      errors: ['ResultDamaged', 'the link had expired'],
    });
  });

  it('waits for what Defender has not called over', () => {
    const early = finishedAs(FIRST, ['completed', 'running'], LATER);
    expect(taskAfter(submitting, submitted, early, stored(0)).state).toBe('archiving');
  });

  it('a stop ends only what holds nothing in Defender, and what never ran is not run', () => {
    expect(taskAfter(stopped)).toMatchObject({
      state: 'cancelled',
      commands: [{ state: 'notRun' }, { state: 'notRun' }],
    });
    for (const task of [
      taskAfter(submitting),
      taskAfter(submitting, submitted),
      taskAfter(submitting, submitted, bothCompleted),
    ])
      expect(transition(task, stopped)).toBe(task);
  });

  it('a GetFile with a result owes it; so does a RunScript', () => {
    const commands = progressOf(runScript(), getFile());
    const task = [submitting, submitted].reduce(transition, aTask({ commands }));
    expect(transition(task, bothCompleted).state).toBe('archiving');
  });
});
