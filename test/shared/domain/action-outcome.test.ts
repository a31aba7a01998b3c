import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionCommandStatus, ActionSnapshot, ActionStatus } from '../../../shared/domain/action.ts';
import { hasBegun, mayRepeat, observeAction, stuckAt } from '../../../shared/domain/action-outcome.ts';
import type { Attempt, CancelReason } from '../../../shared/domain/attempt.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { ObservedCommand } from '../../../shared/domain/task-events.ts';
import { anAction, anAttempt, getFile, NOON, putFile, runScript, shown } from './samples.ts';

const minutes = (n: number): number => n * 60_000;
const OVER = ['succeeded', 'failed', 'timeOut', 'cancelled'] as const;

const cancelled = (reason: CancelReason): Pick<Attempt, 'cancel'> => ({
  cancel: { reason, requestedAt: NOON, tries: 1, nextAt: NOON },
});
const look = (action: Partial<ActionSnapshot>, attempt: Partial<Attempt> = {}, now = NOON) =>
  observeAction(anAttempt(attempt), anAction(action), now);
const of = (
  status: ActionStatus,
  first: ActionCommandStatus,
  second: ActionCommandStatus,
): Partial<ActionSnapshot> => ({
  status,
  commands: [shown(0, first), shown(1, second)],
});
const statesOf = (observation: { kind: string; commands?: ObservedCommand[] }) =>
  observation.commands?.map((c) => c.state);

describe('an action that is not over', () => {
  it.each<[ActionStatus, ActionCommandStatus, boolean]>([
    ['pending', 'created', false],
    ['unknown', 'created', false],
    ['pending', 'executing', true],
    ['pending', 'completed', true],
    ['pending', 'failed', true],
    ['pending', 'unknown', true],
    ['inProgress', 'created', true],
    ['unknown', 'executing', true],
  ])('%s with a command %s: begun is %s', (status, first, begun) => {
    expect(look(of(status, first, 'created'))).toMatchObject({ kind: 'open', begun });
  });

  it('shows each command as Defender does, and one that Defender does not list as waiting', () => {
    expect(look({ status: 'inProgress', commands: [shown(0, 'completed'), shown(1, 'executing')] })).toMatchObject({
      commands: [{ state: 'completed' }, { state: 'running' }],
    });
    expect(look({ status: 'inProgress', commands: [] })).toMatchObject({
      commands: [
        { index: 0, state: 'waiting', errors: [] },
        { index: 1, state: 'waiting', errors: [] },
      ],
    });
  });

  it('shows a command whose status it does not know as running once it has started', () => {
    const started = shown(0, 'unknown', { startedAt: NOON });
    expect(statesOf(look({ status: 'inProgress', commands: [started, shown(1, 'unknown')] }))).toEqual([
      'running',
      'waiting',
    ]);
  });

  it('keeps the errors of a failed command, and none of a completed one', () => {
    const commands = [shown(0, 'completed', { errors: ['noise'] }), shown(1, 'failed', { errors: ['why'] })];
    expect(look({ status: 'inProgress', commands })).toMatchObject({
      commands: [{ errors: [] }, { errors: ['why'] }],
    });
    const early = [shown(0, 'executing', { errors: ['noise'] }), shown(1, 'unknown', { errors: ['odd'] })];
    expect(look({ status: 'inProgress', commands: early })).toMatchObject({
      commands: [{ errors: [] }, { errors: ['odd'] }],
    });
  });

  it('stays open for words that nobody knows, however its commands stand', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ActionStatus>('pending', 'inProgress', 'unknown'),
        fc.constantFrom<ActionCommandStatus>('created', 'executing', 'unknown'),
        fc.constantFrom<ActionCommandStatus>('created', 'executing', 'completed', 'failed', 'unknown'),
        (status, first, second) => {
          expect(look(of(status, first, second)).kind).toBe('open');
        },
      ),
    );
  });
});

describe('an action that is over before anything began', () => {
  it.each([
    ['timed out in Defender’s queue', 'timeOut', {}, 'asleep'],
    ['cancelled after its probation', 'cancelled', cancelled('probation'), 'gaveWay'],
    ['cancelled for an urgent task', 'cancelled', cancelled('yielded'), 'yielded'],
    ['cancelled with its collection', 'cancelled', cancelled('requested'), 'cancelled'],
    ['cancelled at the expiry', 'cancelled', cancelled('expired'), 'cancelled'],
    ['cancelled by someone else', 'cancelled', {}, 'cancelledByOther'],
    ['failed: its session never came up', 'failed', {}, 'neverCameUp'],
  ] as const)('%s', (_, status, attempt, why) => {
    expect(look({ status }, attempt)).toMatchObject({ kind: 'notBegun', why });
  });

  it('never is one of which anything at all hints at a start', () => {
    const hints: [Partial<ActionSnapshot>, Partial<Attempt>][] = [
      [{}, { begunAt: NOON }],
      [{ commands: [shown(0, 'created', { startedAt: NOON })] }, {}],
      [{ commands: [shown(0, 'created', { endedAt: NOON })] }, {}],
      [{ commands: [shown(0, 'unknown')] }, {}],
      [{ commands: [shown(0, 'created'), shown(1, 'executing')] }, {}],
    ];
    for (const status of OVER)
      for (const [action, attempt] of hints) expect(look({ ...action, status }, attempt).kind).toBe('ended');
  });

  it('cannot have succeeded', () => {
    expect(hasBegun(anAttempt(), anAction({ status: 'succeeded', commands: [] }))).toBe(true);
  });
});

describe('an action that is over', () => {
  it('leaves no command open: what ran has failed, what waited was not run', () => {
    const ended = look({ status: 'failed', commands: [shown(0, 'executing'), shown(1, 'created')] });
    expect(statesOf(ended)).toEqual(['failed', 'notRun']);
    fc.assert(
      fc.property(
        fc.constantFrom(...OVER),
        fc.constantFrom<ActionCommandStatus>('created', 'executing', 'completed', 'failed', 'unknown'),
        fc.constantFrom<ActionCommandStatus>('created', 'executing', 'completed', 'failed', 'unknown'),
        (status, first, second) => {
          const observation = look(of(status, first, second), { begunAt: NOON });
          for (const state of statesOf(observation) ?? []) expect(['completed', 'failed', 'notRun']).toContain(state);
        },
      ),
    );
  });

  it.each(OVER)('as %s keeps every completed command, and needs no failure when all are', (status) => {
    const ended = look(of(status, 'completed', 'completed'));
    expect(statesOf(ended)).toEqual(['completed', 'completed']);
    expect(ended.kind).toBe('ended');
    expect(ended).not.toHaveProperty('failure');
  });

  it('well although a command failed says why that one did', () => {
    const commands = [shown(0, 'completed'), shown(1, 'failed', { errors: ['Could not find file C:\\a.txt'] })];
    expect(look({ status: 'succeeded', commands })).toMatchObject({
      commands: [{ state: 'completed' }, { state: 'failed' }],
      failure: { code: 'FileNotFound' },
    });
  });

  it('says the same by Defender’s number when the words say nothing', () => {
    const commands = [shown(0, 'completed'), shown(1, 'failed')];
    expect(look({ status: 'failed', commands, errorHResult: -2147024894 })).toMatchObject({
      failure: { code: 'FileNotFound', errorHResult: -2147024894 },
    });
  });

  it('reads that number as the command that it cut short would: a script not found is the library’s', () => {
    const commands = [shown(0, 'completed'), shown(1, 'executing')];
    const cut = (second: Attempt['commands'][number]) =>
      look({ status: 'failed', commands, errorHResult: -2147024894 }, { commands: [putFile(), second] });
    expect(cut(runScript())).toMatchObject({ failure: { code: 'ScriptNotInLibrary' } });
    expect(cut(getFile())).toMatchObject({ failure: { code: 'FileNotFound' } });
  });

  it.each([
    ['requested', 'Cancelled'],
    ['expired', 'Expired'],
    ['stuck', 'ActionTimedOut'],
  ] as const)('after our cancel (%s) says so, unless a command had failed before', (reason, code) => {
    expect(look(of('cancelled', 'executing', 'created'), cancelled(reason))).toMatchObject({ failure: { code } });
    const failed = { status: 'cancelled' as const, commands: [shown(0, 'failed', { errors: ['File not found'] })] };
    expect(look(failed, cancelled(reason))).toMatchObject({ failure: { code: 'ScriptNotInLibrary' } });
  });

  it('tells of a command that it cut short that it did so, and of one that did not run nothing', () => {
    const commands = [shown(0, 'unknown', { startedAt: NOON, errors: ['odd'] }), shown(1, 'created')];
    expect(look({ status: 'failed', commands })).toMatchObject({
      commands: [
        { state: 'failed', errors: ['odd', 'The action ended while this command ran.'] },
        { state: 'notRun', errors: [] },
      ],
    });
  });

  it('does not blame a failure on the words of a command that did not run', () => {
    const commands = [shown(0, 'failed', { errors: ['odd'] }), shown(1, 'created', { errors: ['File is too large'] })];
    expect(look({ status: 'failed', commands })).toMatchObject({ failure: { code: 'CommandFailed' } });
  });

  it('says why although the command that failed is none of ours', () => {
    const commands = [shown(0, 'executing'), shown(7, 'failed', { errors: ['File is too large'] })];
    expect(look({ status: 'failed', rawStatus: 'Failed', commands })).toMatchObject({
      failure: { code: 'CommandFailed' },
    });
    const nothing = look({ status: 'timeOut', rawStatus: 'TimeOut', commands: [] }, { begunAt: NOON });
    expect(nothing).toMatchObject({ kind: 'ended', failure: { code: 'ActionTimedOut' } });
    expect(nothing.kind === 'ended' && nothing.failure).not.toHaveProperty('errorHResult');
  });

  it('cancelled by others while it ran says so', () => {
    expect(look({ ...of('cancelled', 'executing', 'created'), rawStatus: 'Cancelled' })).toMatchObject({
      failure: { code: 'ActionCancelled' },
    });
  });

  it('by our patience alone, when every command ended long ago and the action does not follow', () => {
    const commands = [shown(0, 'completed', { endedAt: NOON - 1 }), shown(1, 'failed', { endedAt: NOON })];
    const kindAfter = (ms: number) => look({ status: 'inProgress', commands }, {}, NOON + ms).kind;
    expect([kindAfter(minutes(5)), kindAfter(minutes(5) + 1)]).toEqual(['open', 'ended']);
    const unknownEnd = [shown(0, 'completed'), shown(1, 'completed')];
    expect(look({ status: 'inProgress', commands: unknownEnd }, {}, NOON + minutes(600)).kind).toBe('open');
    const oneRuns = [shown(0, 'completed', { endedAt: NOON }), shown(1, 'executing', { endedAt: NOON })];
    expect(look({ status: 'inProgress', commands: oneRuns }, {}, NOON + minutes(600)).kind).toBe('open');
    expect(look({ status: 'pending', commands: [] }, {}, NOON + minutes(600)).kind).toBe('open');
  });

  it('by our patience alone, when a stuck one stays open long after its cancel, and for no other cancel', () => {
    const running = of('inProgress', 'executing', 'created');
    expect(look(running, cancelled('stuck'), NOON + minutes(10)).kind).toBe('open');
    expect(look(running, cancelled('stuck'), NOON + minutes(10) + 1)).toMatchObject({
      kind: 'ended',
      failure: { code: 'ActionTimedOut' },
    });
    expect(look(running, cancelled('requested'), NOON + minutes(600)).kind).toBe('open');
  });
});

describe('when an action counts as stuck', () => {
  it('is after all that its commands may take, from its first sign of life', () => {
    expect(stuckAt(anAttempt())).toBeUndefined();
    expect(stuckAt(anAttempt({ begunAt: NOON, commands: [getFile()] }))).toBe(NOON + minutes(60));
    expect(stuckAt(anAttempt({ begunAt: NOON, commands: [putFile(), runScript(), getFile(), getFile()] }))).toBe(
      NOON + minutes(10 + 10 + 30 + 30 + 30),
    );
  });
});

describe('whether an attempt that had begun may be repeated', () => {
  const failed = (state: ObservedCommand['state'] = 'failed', retryable = true) => ({
    commands: [{ index: 0, state, errors: [] }],
    failure: { ...failureOf('DefenderError'), retryable },
  });
  const files = anAttempt({ commands: [getFile()] });

  it('of GetFile alone yes, while its failure may heal and nothing came of it', () => {
    expect(mayRepeat(files, failed())).toBe(true);
    expect(mayRepeat(files, failed('failed', false))).toBe(false);
    expect(mayRepeat(files, failed('completed'))).toBe(false);
    expect(mayRepeat(files, { commands: [] })).toBe(false);
    const oneCame = { ...failed(), commands: [...failed('completed').commands, ...failed().commands] };
    expect(mayRepeat(anAttempt({ commands: [getFile(), getFile()] }), oneCame)).toBe(false);
  });

  it('with a RunScript or a PutFile never', () => {
    expect(mayRepeat(anAttempt({ commands: [runScript(), getFile()] }), failed())).toBe(false);
    expect(mayRepeat(anAttempt({ commands: [putFile(), getFile()] }), failed())).toBe(false);
  });

  it('not against the wish of whoever cancelled, nor after the expiry', () => {
    const by = (reason: CancelReason) => mayRepeat({ ...files, ...cancelled(reason) }, failed());
    expect([by('requested'), by('expired'), by('probation'), by('stuck')]).toEqual([false, false, true, true]);
  });
});
