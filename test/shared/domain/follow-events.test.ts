import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../shared/domain/action-outcome.ts';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import { MOST_REPEATS } from '../../../shared/domain/backoff.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { eventsOfObservation } from '../../../shared/domain/follow-events.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { days, minutes } from '../../../shared/domain/time.ts';
import { anAttempt, anIntent, aTask, attemptId, getFile, NOON, progressOf, runScript } from './samples.ts';

const ID = attemptId(1);
const pending = (fields: Partial<Task> = {}): Task =>
  aTask({ state: 'pending', attemptId: ID, attempts: 1, machineActionId: 'action-1', ...fields });

function taskAfter(observation: Observation, task = pending(), attempt: Partial<Attempt> = {}): Task {
  return eventsOfObservation(task, anAttempt(attempt), observation, NOON, 0).reduce(transition, task);
}

const notBegun = (why: Extract<Observation, { kind: 'notBegun' }>['why'], failure = failureOf('DefenderError')) =>
  ({ kind: 'notBegun', why, failure }) satisfies Observation;
const failed = {
  kind: 'ended',
  commands: [{ index: 0, state: 'failed', errors: ['x'] }],
  failure: failureOf('DefenderError'),
} satisfies Observation;

describe('what an observation means for its task', () => {
  it('open and begun: it runs', () => {
    const commands = [{ index: 0, state: 'running' as const, errors: [] }];
    expect(taskAfter({ kind: 'open', begun: true, commands })).toMatchObject({ state: 'running' });
    expect(taskAfter({ kind: 'open', begun: false, commands: [] })).toMatchObject({ state: 'pending' });
  });

  it.each(['asleep', 'gaveWay'] as const)('%s: it rests, unless a slot is idle', (why) => {
    expect(taskAfter(notBegun(why))).toMatchObject({
      state: 'parked',
      waiting: { reason: 'MachineAsleep', retryAt: NOON + 5_160_000, rests: true },
    });
  });

  it.each(['asleep', 'gaveWay'] as const)('%s, and it came at a time before: it rests until then', (why) => {
    const cameAt = NOON - days(1) + minutes(30);
    const [event] = eventsOfObservation(pending(), anAttempt(), notBegun(why), NOON, 0, [cameAt]);
    expect(event).toMatchObject({ waiting: { retryAt: NOON + minutes(35), rests: true } });
  });

  it('yielded: it keeps its place in the queue', () => {
    expect(taskAfter(notBegun('yielded'))).toMatchObject({ state: 'queued', waiting: { since: NOON } });
  });

  it('cancelled by us: it goes back to the queue, where a collection that is being stopped ends it', () => {
    expect(taskAfter(notBegun('cancelled'))).toMatchObject({ state: 'queued' });
  });

  it('cancelled by someone else: it ends, for that was somebody’s wish', () => {
    expect(taskAfter(notBegun('cancelledByOther', failureOf('ActionCancelled')))).toMatchObject({
      state: 'failed',
      failure: { code: 'ActionCancelled' },
    });
  });

  it('its session never came up: it waits, or ends when no retry heals that', () => {
    const once = taskAfter(notBegun('neverCameUp'));
    expect(once).toMatchObject({ state: 'parked', waiting: { reason: 'MachineAsleep', retryAt: NOON + 30_000 } });
    const again = taskAfter(notBegun('neverCameUp'), pending({ lastWait: { reason: 'MachineAsleep', ms: 30_000 } }));
    expect(again.waiting?.retryAt).toBe(NOON + 60_000);
    expect(taskAfter(notBegun('neverCameUp', failureOf('PlatformNotSupported')))).toMatchObject({
      state: 'failed',
      failure: { code: 'PlatformNotSupported' },
    });
  });

  it('ended: its commands decide', () => {
    const commands = [
      { index: 0, state: 'completed' as const, errors: [] },
      { index: 1, state: 'failed' as const, errors: ['File not found'] },
    ];
    const failure = failureOf('FileNotFound');
    expect(taskAfter({ kind: 'ended', commands, failure })).toMatchObject({
      state: 'archiving',
      failure: { code: 'FileNotFound' },
      commands: [{ state: 'completed' }, { state: 'failed', errors: ['File not found'] }],
    });
  });
});

describe('why an attempt was closed', () => {
  const causes = (observation: Observation, task = pending(), attempt: Partial<Attempt> = {}) =>
    eventsOfObservation(task, anAttempt(attempt), observation, NOON, 0).flatMap((e) =>
      e.type === 'setBack' ? [e.cause] : [],
    );

  it('is told in the custody log: asleep, refused, or to be repeated', () => {
    expect(causes(notBegun('asleep'))).toEqual(['asleep']);
    expect(causes(notBegun('neverCameUp'))).toEqual(['asleep']);
    expect(causes(notBegun('neverCameUp', failureOf('PlatformNotSupported')))).toEqual(['refused']);
    expect(causes(notBegun('cancelled'))).toEqual(['refused']);
    expect(causes(notBegun('cancelledByOther'))).toEqual(['refused']);
    expect(causes(failed, pending({ commands: progressOf(getFile()) }), { commands: [getFile()] })).toEqual(['repeat']);
  });
});

describe('an attempt of GetFile alone that failed', () => {
  const files = { commands: [getFile()] };
  const task = (repeats: number) => pending({ commands: progressOf(getFile()), repeats });

  it('is repeated while that may heal, but not for ever', () => {
    expect(taskAfter(failed, task(0), files)).toMatchObject({ state: 'parked', repeats: 1 });
    expect(taskAfter(failed, task(MOST_REPEATS), files)).toMatchObject({ state: 'failed' });
  });

  it('is not repeated with a RunScript beside it', () => {
    const withScript = pending({ commands: progressOf(runScript()) });
    expect(taskAfter(failed, withScript, { commands: [runScript()] })).toMatchObject({ state: 'failed', repeats: 0 });
  });
});

describe('a task that missed its own submit, by a crash', () => {
  const submitting = aTask({ state: 'submitting', attemptId: ID });

  it('learns of it from the attempt before anything else', () => {
    const open: Observation = { kind: 'open', begun: true, commands: [{ index: 0, state: 'running', errors: [] }] };
    expect(taskAfter(open, submitting)).toMatchObject({
      state: 'running',
      machineActionId: 'action-1',
      attempts: 1,
    });
    const commands = [0, 1].map((index) => ({ index, state: 'completed' as const, errors: [] }));
    expect(taskAfter({ kind: 'ended', commands }, submitting)).toMatchObject({ state: 'archiving', attempts: 1 });
  });

  it('learns its device’s name with it, where Defender gave one', () => {
    const open: Observation = { kind: 'open', begun: false, commands: [] };
    expect(taskAfter(open, submitting, { computerDnsName: 'ws1.contoso.com' })).toMatchObject({
      state: 'pending',
      computerDnsName: 'ws1.contoso.com',
    });
    expect(taskAfter(open, submitting)).not.toHaveProperty('computerDnsName');
  });

  it('learns that the action was found rather than answered', () => {
    const [first] = eventsOfObservation(submitting, anAttempt(), { kind: 'open', begun: false, commands: [] }, NOON, 0);
    expect(first).toEqual({
      type: 'submitted',
      at: NOON,
      attemptId: ID,
      machineActionId: 'action-1',
      adopted: true,
    });
  });

  it('alone is told of a submit, and only where the attempt knows its action', () => {
    const told = (task: Task, attempt = anAttempt()) =>
      eventsOfObservation(task, attempt, { kind: 'open', begun: false, commands: [] }, NOON, 0).map(({ type }) => type);
    expect(told(submitting)).toEqual(['submitted', 'progressed']);
    expect(told(pending())).toEqual(['progressed']);
    expect(told({ ...submitting, attemptId: attemptId(2) })).toEqual(['progressed']);
    expect(told(submitting, anIntent())).toEqual(['progressed']);
  });

  it('learns nothing from another attempt', () => {
    const other = aTask({ state: 'submitting', attemptId: attemptId(2) });
    expect(taskAfter({ kind: 'open', begun: true, commands: [] }, other)).toBe(other);
  });
});
