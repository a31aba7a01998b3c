import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinal, TASK_STATES, type TaskState } from '../../../shared/domain/task.ts';
import { custodyOfTask } from '../../../shared/domain/task-custody.ts';
import type { TaskEvent } from '../../../shared/domain/task-events.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { finishedAs, taskEvents } from './any-task-events.ts';
import { anArtifact, aTask } from './samples.ts';
import {
  bothCompleted,
  FIRST,
  LATER,
  notStored,
  running,
  SECOND,
  setBack,
  stopped,
  stored,
  submitted,
  submitting,
  taskAfter,
} from './task-story.ts';

describe('the life of a task', () => {
  it('leads from the queue over one attempt to archived', () => {
    let task = aTask();
    const states = [submitting, submitted, running, bothCompleted, stored(0), stored(1)].map((event) => {
      task = transition(task, event);
      return task;
    });
    expect(states.map((t) => t.state)).toEqual([
      'submitting',
      'pending',
      'running',
      'archiving',
      'archiving',
      'archived',
    ]);
    expect(states.at(-1)).toMatchObject({ attempts: 1, machineActionId: 'action-1', endedAt: LATER });
    expect(states.at(-1)).not.toHaveProperty('failure');
    expect(states.at(-1)).not.toHaveProperty('waiting');
  });

  it('can lead to every state there is', () => {
    const met = new Set<TaskState>();
    const note = (events: TaskEvent[]) => {
      events.reduce((task, event) => {
        const next = transition(task, event);
        met.add(task.state).add(next.state);
        return next;
      }, aTask());
    };
    note([submitting, submitted, running, bothCompleted, stored(0), stored(1)]);
    note([submitting, submitted, bothCompleted, stored(0), notStored(1)]);
    note([submitting, submitted, setBack({ to: 'parked', cause: 'asleep' }), stopped]);
    note([{ ...stopped, state: 'expired' }]);
    note([{ ...stopped, state: 'failed' }]);
    expect([...met].sort()).toEqual([...TASK_STATES].sort());
  });

  it('never changes once it has ended', () => {
    fc.assert(
      fc.property(taskEvents(), taskEvents(), (before, late) => {
        const task = before.reduce(transition, aTask());
        fc.pre(isFinal(task.state));
        for (const event of late) expect(transition(task, event)).toBe(task);
      }),
    );
  });

  it('is not changed by the same event again: a repeat returns the very same task', () => {
    fc.assert(
      fc.property(taskEvents(), (events) => {
        let task = aTask();
        for (const event of events) {
          task = transition(task, event);
          expect(transition(task, event)).toBe(task);
        }
      }),
    );
  });

  it('meets an event that no code wrote with a loud fault, and so does its custody log', () => {
    const odd = { type: 'teleported', at: LATER } as unknown as TaskEvent;
    expect(() => transition(taskAfter(), odd)).toThrow('unexpected value: {"type":"teleported"');
    expect(() => custodyOfTask(taskAfter(), taskAfter(), odd)).toThrow('teleported');
  });

  it('is not changed by events of an earlier attempt', () => {
    const second = taskAfter(submitting, setBack(), { ...submitting, attemptId: SECOND });
    for (const late of [submitted, running, bothCompleted, setBack({ to: 'parked' })])
      expect(transition(second, late)).toBe(second);
    const pending = transition(second, { ...submitted, attemptId: SECOND });
    for (const late of [submitted, running, bothCompleted, setBack({ to: 'parked' })])
      expect(transition(pending, late)).toBe(pending);
  });

  it('has a reason to wait only while it waits, and an end only once it has ended', () => {
    fc.assert(
      fc.property(taskEvents(), (events) => {
        const task = events.reduce(transition, aTask());
        expect(task.waiting !== undefined).toBe(task.state === 'queued' || task.state === 'parked');
        expect(task.endedAt !== undefined).toBe(isFinal(task.state));
      }),
    );
  });

  it('says at its end why, unless all is archived, and leaves no command between two states', () => {
    fc.assert(
      fc.property(taskEvents(), (events) => {
        const task = events.reduce(transition, aTask());
        fc.pre(isFinal(task.state));
        expect(task.failure === undefined).toBe(task.state === 'archived');
        for (const { state, type } of task.commands)
          expect(type === 'PutFile' ? ['completed', 'failed', 'notRun'] : ['archived', 'failed', 'notRun']).toContain(
            state,
          );
      }),
    );
  });
});

describe('an attempt', () => {
  it('starts only from a state that waits', () => {
    for (const task of [
      taskAfter(submitting),
      taskAfter(submitting, submitted),
      taskAfter(submitting, submitted, running),
    ])
      expect(transition(task, { ...submitting, attemptId: SECOND })).toBe(task);
  });

  it('counts once Defender has taken it, by a reply or by adoption', () => {
    expect(taskAfter(submitting).attempts).toBe(0);
    expect(taskAfter(submitting, submitted).attempts).toBe(1);
    expect(taskAfter(submitting, { ...submitted, adopted: true }).attempts).toBe(1);
  });

  it('brings the name of the device that Defender gives, and keeps the one known before', () => {
    const named = transition(aTask({ computerDnsName: 'old.contoso.com' }), submitting);
    expect(transition(named, submitted).computerDnsName).toBe('old.contoso.com');
    expect(transition(named, { ...submitted, computerDnsName: 'new.contoso.com' }).computerDnsName).toBe(
      'new.contoso.com',
    );
  });

  it('of a task that fell back is forgotten, with all that was seen of its commands', () => {
    const back = taskAfter(submitting, submitted, running, setBack({ to: 'parked', cause: 'repeat' }));
    expect(back).toMatchObject({ state: 'parked', repeats: 1 });
    expect(back).not.toHaveProperty('attemptId');
    expect(back.commands.map((c) => c.state)).toEqual(['waiting', 'waiting']);
  });

  it('whose submit met a fault is counted; any proper answer starts the count anew', () => {
    const twice = taskAfter(
      submitting,
      setBack({ cause: 'fault' }),
      { ...submitting, attemptId: SECOND },
      setBack({ cause: 'fault', attemptId: SECOND }),
    );
    expect(twice.submitFaults).toBe(2);
    const third = transition(twice, submitting);
    expect(transition(third, submitted).submitFaults).toBe(0);
    expect(transition(third, setBack({ cause: 'refused' })).submitFaults).toBe(0);
  });

  it('that was repeated is counted, and one that slept is not', () => {
    expect(taskAfter(submitting, submitted, setBack({ cause: 'repeat' })).repeats).toBe(1);
    for (const cause of ['asleep', 'refused', 'fault', 'neverSent'] as const)
      expect(taskAfter(submitting, submitted, setBack({ cause })).repeats).toBe(0);
  });

  it('remembers its last deliberate wait through the next attempt', () => {
    const waiting = { reason: 'MachineAsleep' as const, retryAt: LATER + 30_000, lastWaitMs: 30_000 };
    const parked = taskAfter(submitting, submitted, setBack({ to: 'parked', waiting, cause: 'asleep' }));
    expect(parked.waiting).toMatchObject({ since: LATER, ...waiting });
    const again = transition(parked, { ...submitting, attemptId: SECOND });
    expect(again.lastWait).toEqual({ reason: 'MachineAsleep', ms: 30_000 });
    const refused = transition(again, setBack({ attemptId: SECOND, waiting: { reason: 'NoSlot' } }));
    expect(refused.lastWait).toEqual({ reason: 'MachineAsleep', ms: 30_000 });
  });

  it('whose results are being stored does not fall back any more', () => {
    const archiving = taskAfter(submitting, submitted, bothCompleted);
    expect(transition(archiving, setBack())).toBe(archiving);
  });
});

describe('a parked task', () => {
  const waiting = { reason: 'MachineAsleep' as const, retryAt: LATER + 30_000, lastWaitMs: 30_000 };
  const parked = taskAfter(submitting, submitted, setBack({ to: 'parked', waiting, cause: 'asleep' }));
  const woken: TaskEvent = { type: 'woken', at: LATER + 5_000, why: 'machineSeen' };

  it('may be tried at once, before all others, when it is woken, and keeps its reason and last wait', () => {
    expect(transition(parked, woken)).toMatchObject({
      state: 'parked',
      waiting: { reason: 'MachineAsleep', retryAt: 0, lastWaitMs: 30_000 },
    });
  });

  it('whose time has come is not woken again, however often its device is seen', () => {
    const awake = transition(parked, woken);
    expect(transition(awake, { ...woken, at: LATER + 6_000 })).toBe(awake);
  });

  it('alone is woken', () => {
    for (const task of [aTask(), taskAfter(submitting), taskAfter(submitting, submitted)])
      expect(transition(task, woken)).toBe(task);
  });
});

describe('a target', () => {
  const unresolved = aTask({ target: { computerDnsName: 'ws1' } });
  delete unresolved.machineId;
  const found: TaskEvent = {
    type: 'resolved',
    at: LATER,
    machineId: '1'.repeat(40),
    computerDnsName: 'ws1.contoso.com',
  };

  it('is resolved once; a later finding does not move the task to another machine', () => {
    const resolved = transition(unresolved, found);
    expect(resolved).toMatchObject({ machineId: '1'.repeat(40), computerDnsName: 'ws1.contoso.com' });
    expect(transition(resolved, { ...found, machineId: '2'.repeat(40) })).toBe(resolved);
  });
});

describe('progress', () => {
  it('before anything has begun leaves the task pending', () => {
    const waiting = finishedAs(FIRST, ['waiting', 'waiting'], LATER);
    const task = taskAfter(submitting, submitted);
    expect(transition(task, { ...waiting, type: 'progressed', begun: false })).toBe(task);
  });

  it('shows which command runs', () => {
    expect(taskAfter(submitting, submitted, running).commands.map((c) => c.state)).toEqual(['running', 'waiting']);
  });

  it('from one command to the next is a change, though the task runs on', () => {
    const next: TaskEvent = {
      type: 'progressed',
      at: LATER + 1,
      attemptId: FIRST,
      begun: true,
      commands: [
        { index: 0, state: 'completed', errors: [] },
        { index: 1, state: 'running', errors: [] },
      ],
    };
    const task = transition(taskAfter(submitting, submitted, running), next);
    expect(task).toMatchObject({ updatedAt: LATER + 1, commands: [{ state: 'completed' }, { state: 'running' }] });
  });

  it('shows that the device has begun, also before any command does', () => {
    const task = taskAfter(submitting, submitted);
    expect(transition(task, { ...running, commands: [] })).toMatchObject({ state: 'running', updatedAt: LATER });
  });

  it('of one command alone is a change', () => {
    const firstDone: TaskEvent = { ...running, commands: [{ index: 0, state: 'completed', errors: [] }] };
    const task = transition(taskAfter(submitting, submitted, running), firstDone);
    expect(task.commands.map((c) => c.state)).toEqual(['completed', 'waiting']);
  });

  it('means nothing before Defender has taken the action, and nothing once its results are being stored', () => {
    for (const task of [taskAfter(submitting), taskAfter(submitting, submitted, bothCompleted)])
      for (const event of [running, bothCompleted]) expect(transition(task, event)).toBe(task);
  });

  it('has results only of an action that runs or has ended', () => {
    for (const task of [taskAfter(), taskAfter(submitting), taskAfter(submitting, submitted)])
      for (const event of [stored(0), notStored(0)]) expect(transition(task, event)).toBe(task);
  });

  it('does not take back what is archived', () => {
    const early = taskAfter(submitting, submitted, running, stored(0));
    expect(early).toMatchObject({ state: 'running', commands: [{ state: 'archived' }, { state: 'waiting' }] });
    expect(transition(early, running)).toBe(early);
    expect(transition(early, bothCompleted).commands[0]).toMatchObject({ state: 'archived', artifact: anArtifact(0) });
  });
});
