import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Collection, collectionState, emptyCounts } from '../../../shared/domain/collection.ts';
import {
  applyTaskEvents,
  closeIfAllEnded,
  openTasks,
  recount,
  stopEvent,
  type TaskChange,
} from '../../../shared/domain/collection-changes.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { isFinal, isWaiting, type Task, type TaskState } from '../../../shared/domain/task.ts';
import { taskEvents } from './any-task-events.ts';
import { aCollection, aTask, attemptId, NOON } from './samples.ts';

const LATER = NOON + 60_000;
const cancel = { at: NOON, by: { kind: 'http' as const } };
const ids = ['0000-a', '0001-b', '0002-c'];
const threeTasks = (): Task[] => ids.map((taskId) => aTask({ taskId }));

/** Some events, each for some task, in calls of some size. */
const batches: fc.Arbitrary<TaskChange[][]> = fc.array(
  fc
    .tuple(fc.constantFrom(...ids), taskEvents())
    .map(([taskId, events]) => events.map((event): TaskChange => ({ taskId, event }))),
  { maxLength: 12 },
);

interface Story {
  collection: Collection;
  tasks: Task[];
}

function apply({ collection, tasks }: Story, changes: TaskChange[], now: number): Story {
  const delta = applyTaskEvents(collection, tasks, changes, now);
  if (!delta) return { collection, tasks };
  const changed = new Map(delta.tasks.map((t) => [t.taskId, t]));
  return { collection: delta.collection, tasks: tasks.map((t) => changed.get(t.taskId) ?? t) };
}

const countsOf = (tasks: readonly Task[]) => aCollection(tasks).counts;
const stop = (taskId: string, state: 'failed' | 'cancelled' = 'failed'): TaskChange => ({
  taskId,
  event: { type: 'stopped', at: LATER, state, failure: failureOf('MachineNotFound') },
});
const inState = (...states: TaskState[]): Task[] => states.map((state, i) => aTask({ taskId: `000${i}`, state }));

describe('the header of a collection', () => {
  it('counts its tasks truly, whatever happens to them in whatever order', () => {
    fc.assert(
      fc.property(batches, fc.boolean(), (calls, cancelled) => {
        let story: Story = {
          tasks: threeTasks(),
          collection: aCollection(threeTasks(), cancelled ? { cancel } : {}),
        };
        for (const changes of calls) {
          story = apply(story, changes, LATER);
          expect(story.collection.counts).toEqual(countsOf(story.tasks));
        }
      }),
    );
  });

  it('starts closing when the last task ends, in the same change, and once', () => {
    fc.assert(
      fc.property(batches, (calls) => {
        let story: Story = { tasks: threeTasks(), collection: aCollection(threeTasks()) };
        for (const changes of calls) {
          const before = story.collection.closing;
          story = apply(story, changes, LATER);
          expect(story.collection.closing !== undefined).toBe(story.tasks.every((t) => isFinal(t.state)));
          if (before) expect(story.collection.closing).toBe(before);
        }
      }),
    );
  });

  it('is written for nothing that changes nothing', () => {
    const story = { tasks: threeTasks(), collection: aCollection(threeTasks()) };
    const change: TaskChange = {
      taskId: '0000-a',
      event: { type: 'submitting', at: LATER, attemptId: attemptId(1) },
    };
    const once = apply(story, [change], LATER);
    expect(applyTaskEvents(once.collection, once.tasks, [change], LATER)).toBeUndefined();
    expect(applyTaskEvents(once.collection, once.tasks, [{ ...change, taskId: 'unknown' }], LATER)).toBeUndefined();
  });

  it('comes with the tasks that changed and no others', () => {
    const delta = applyTaskEvents(aCollection(threeTasks()), threeTasks(), [stop('0001-b')], LATER);
    expect(delta?.tasks.map((t) => t.taskId)).toEqual(['0001-b']);
    expect(delta?.collection.updatedAt).toBe(LATER);
  });

  it('does not close before every target has become a task', () => {
    const collection = aCollection(threeTasks(), { expanded: false });
    const delta = applyTaskEvents(
      collection,
      threeTasks(),
      ids.map((id) => stop(id)),
      LATER,
    );
    expect(delta && openTasks(delta.collection)).toBe(0);
    expect(delta?.collection.closing).toBeUndefined();
  });

  it('is due at once when it closes, and tells so in the custody log', () => {
    const delta = applyTaskEvents(
      aCollection(threeTasks()),
      threeTasks(),
      ids.map((id) => stop(id)),
      LATER,
    );
    expect(delta?.collection.dueAt).toBe(LATER);
    expect(delta?.entries.map((e) => e.type)).toEqual(['task.ended', 'task.ended', 'task.ended', 'collection.closing']);
    expect(delta?.entries.at(-1)).toEqual({
      at: LATER,
      type: 'collection.closing',
      actor: 'holdfast',
      data: { outcome: 'none', state: 'failed' },
    });
  });

  it('counts tasks that are new, and no longer those that are removed', () => {
    const [a, b, c] = threeTasks();
    if (!a || !b || !c) throw new Error('three tasks');
    const ended: Task = { ...a, state: 'failed' };
    expect(recount(aCollection([a, b]), [a, b], [ended, c], [b]).counts).toEqual(countsOf([ended, c]));
  });
});

describe('a collection that is being stopped', () => {
  it.each([
    ['cancelled', { cancel }, LATER],
    ['expired', {}, NOON + 86_400_000],
  ] as const)('%s: starts nothing new', (state, fields, now) => {
    const change: TaskChange = { taskId: '0000-a', event: { type: 'submitting', at: now, attemptId: attemptId(1) } };
    const delta = applyTaskEvents(aCollection(threeTasks(), fields), threeTasks(), [change], now);
    expect(delta?.tasks.map((t) => t.state)).toEqual([state]);
  });

  it('ends what falls back to waiting there and then', () => {
    const tasks = [aTask({ state: 'pending', attemptId: attemptId(1) })];
    const back: TaskChange = {
      taskId: tasks[0]?.taskId ?? '',
      event: { type: 'setBack', at: LATER, attemptId: attemptId(1), to: 'queued', waiting: {}, cause: 'refused' },
    };
    const delta = applyTaskEvents(aCollection(tasks, { cancel }), tasks, [back], LATER);
    expect(delta?.tasks[0]).toMatchObject({ state: 'cancelled', failure: { code: 'Cancelled' } });
    expect(delta?.collection.closing).toMatchObject({ state: 'cancelled', outcome: 'none' });
  });

  it('keeps a result that won the race', () => {
    const commands = aTask()
      .commands.slice(1)
      .map((c) => ({ ...c, index: 0 }));
    const tasks = [aTask({ state: 'running', attemptId: attemptId(1), commands })];
    const changes = taskEventsOfSuccess(tasks[0]?.taskId ?? '');
    const delta = applyTaskEvents(aCollection(tasks, { cancel }), tasks, changes, LATER);
    expect(delta?.tasks[0]?.state).toBe('archived');
    expect(delta?.collection.closing).toMatchObject({ state: 'cancelled', outcome: 'complete' });
  });

  it('never has a task that waits after any event of it', () => {
    fc.assert(
      fc.property(batches, (calls) => {
        let story: Story = { tasks: threeTasks(), collection: aCollection(threeTasks(), { cancel }) };
        for (const changes of calls) {
          story = apply(story, changes, LATER);
          const touched = new Set(changes.map((c) => c.taskId));
          for (const task of story.tasks) if (touched.has(task.taskId)) expect(isWaiting(task.state)).toBe(false);
        }
      }),
    );
  });

  it('was cancelled rather than expired when both are so', () => {
    expect(stopEvent(aCollection([], { cancel }), NOON + 86_400_000)).toMatchObject({ state: 'cancelled' });
  });

  it('expires at its instant, not before', () => {
    const collection = aCollection([]);
    expect(stopEvent(collection, collection.expiresAt - 1)).toBeUndefined();
    expect(stopEvent(collection, collection.expiresAt)).toMatchObject({
      state: 'expired',
      failure: { code: 'Expired' },
    });
  });
});

function taskEventsOfSuccess(taskId: string): TaskChange[] {
  const artifact = { artifactId: 'x', blobName: 'b', bytes: 1, sha256: 'a'.repeat(64), archivedAt: LATER };
  return [
    {
      taskId,
      event: {
        type: 'finished',
        at: LATER,
        attemptId: attemptId(1),
        commands: [{ index: 0, state: 'completed', errors: [] }],
      },
    },
    { taskId, event: { type: 'stored', at: LATER, index: 0, artifact } },
  ];
}

describe('how a collection ends', () => {
  const closing = (states: TaskState[], fields: Partial<Collection> = {}, now = LATER) =>
    closeIfAllEnded(aCollection(inState(...states), fields), now).collection.closing;

  it.each<[TaskState[], string, string]>([
    [['archived', 'archived'], 'complete', 'completed'],
    [['archived', 'failed'], 'partial', 'completed'],
    [['partial', 'failed'], 'partial', 'completed'],
    [['partial'], 'partial', 'completed'],
    [['failed', 'cancelled', 'expired'], 'none', 'failed'],
    [[], 'none', 'failed'],
  ])('%j is outcome %s, state %s', (states, outcome, state) => {
    expect(closing(states)).toMatchObject({ outcome, state });
  });

  it('cancelled before all tasks had ended is cancelled, whatever was archived', () => {
    expect(closing(['archived', 'archived'], { cancel })).toMatchObject({ outcome: 'complete', state: 'cancelled' });
  });

  it('past its time is expired', () => {
    expect(closing(['archived', 'expired'], {}, NOON + 86_400_000)).toMatchObject({
      outcome: 'partial',
      state: 'expired',
    });
  });

  it.each<TaskState>(['queued', 'parked', 'submitting', 'pending', 'running', 'archiving'])(
    'not while a task is %s',
    (state) => {
      expect(closing(['archived', state])).toBeUndefined();
    },
  );
});

describe('the state that callers see', () => {
  const seen = (states: TaskState[], fields: Partial<Collection> = {}): string =>
    collectionState(aCollection(inState(...states), fields));

  it.each<[TaskState[], string]>([
    [['queued', 'parked'], 'queued'],
    [['queued', 'submitting'], 'running'],
    [['queued', 'pending'], 'running'],
    [['running', 'archived'], 'running'],
    [['queued', 'archived'], 'running'],
    [['queued', 'partial'], 'running'],
    [['queued', 'failed'], 'running'],
    [['queued', 'cancelled'], 'running'],
    [['queued', 'expired'], 'running'],
    [['parked', 'archiving'], 'running'],
    [['archiving', 'failed'], 'archiving'],
    [['archived', 'failed'], 'archiving'],
  ])('%j is %s', (states, state) => {
    expect(seen(states)).toBe(state);
  });

  it('is queued while targets are still to become tasks', () => {
    expect(seen([], { expanded: false, counts: emptyCounts() })).toBe('queued');
  });

  it('is cancelling from the wish on, and what it ended as at the end', () => {
    expect(seen(['running'], { cancel })).toBe('cancelling');
    const closing = { at: LATER, state: 'cancelled' as const, outcome: 'none' as const };
    expect(seen(['cancelled'], { cancel, closing })).toBe('cancelling');
    expect(seen(['cancelled'], { cancel, closing, ended: true })).toBe('cancelled');
  });
});
