import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commentOf, isActionOf, tokenIn } from '../../../shared/domain/attempt-token.ts';
import { anAction, anAttempt, attemptId, getFile, machineId, runScript, shown } from './samples.ts';

const OURS = attemptId(1);
const THEIRS = attemptId(2);

describe('the comment of an action', () => {
  it('says first whose it is, then for which case and why', () => {
    expect(commentOf(OURS, { caseId: 'INC-7', comment: 'Suspicious login' })).toBe(
      `holdfast:${OURS} | INC-7 | Suspicious login`,
    );
    expect(commentOf(OURS, {})).toBe(`holdfast:${OURS}`);
    expect(commentOf(OURS, { caseId: '', comment: '' })).toBe(`holdfast:${OURS}`);
  });

  it('gives its token back, whatever the requester wrote, another token included', () => {
    const words = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string().map((text) => text.padEnd(1_000, 'x')),
      fc.constantFrom(`holdfast:${THEIRS}`, `see holdfast:${THEIRS} | again`, ` | holdfast:${THEIRS}`),
    );
    fc.assert(
      fc.property(fc.uuid(), words, words, (id, caseId, comment) => {
        expect(tokenIn(commentOf(id, { caseId, comment }))).toBe(id.toLowerCase());
      }),
    );
  });

  it('stays short, and survives a cut anywhere behind its token', () => {
    const long = commentOf(OURS, { comment: 'x'.repeat(5_000) });
    expect(long.length).toBeLessThanOrEqual(900);
    for (const length of [45, 64, 128, 256]) expect(tokenIn(long.slice(0, length))).toBe(OURS);
    expect(tokenIn(long.slice(0, 44))).toBeUndefined();
  });

  it('of others holds no token', () => {
    for (const comment of ['', 'Live response by Ann', `holdfast ${OURS}`, `holdfast:${OURS.slice(1)}`, 'holdfast:'])
      expect(tokenIn(comment)).toBeUndefined();
  });

  it('gives its token also behind what Defender may set before it: a missed one would run commands twice', () => {
    expect(tokenIn(`API: holdfast:${OURS} | x`)).toBe(OURS);
  });

  it('is read in any letter case', () => {
    expect(tokenIn(`HoldFast:${OURS.toUpperCase()} | x`)).toBe(OURS);
  });
});

describe('an action is an attempt’s own', () => {
  const commands = [
    shown(0, 'created', { command: runScript('a.ps1', '-Deep') }),
    shown(1, 'created', { command: getFile('C:\\a') }),
  ];
  const attempt = anAttempt({ commands: [runScript('a.ps1', '-Deep'), getFile('C:\\a')] });

  it('when token, machine and commands fit', () => {
    expect(isActionOf(attempt, anAction({ commands }))).toBe(true);
  });

  it('when Defender does not say which commands it has', () => {
    expect(isActionOf(attempt, anAction({ commands: [] }))).toBe(true);
    expect(isActionOf(attempt, anAction({ commands: [shown(0, 'created')] }))).toBe(true);
  });

  it('when Defender writes the token in capitals', () => {
    const attemptId = '0190abcd-ef01-7abc-8def-0123456789ab';
    const action = anAction({ commands, requestorComment: commentOf(attemptId, {}).toUpperCase() });
    expect(isActionOf({ ...attempt, attemptId }, action)).toBe(true);
    expect(isActionOf({ ...attempt, attemptId: attemptId.toUpperCase() }, action)).toBe(true);
  });

  it('when Defender writes the machine id in capitals', () => {
    const id = 'ab'.repeat(20);
    expect(isActionOf({ ...attempt, machineId: id }, anAction({ commands, machineId: id.toUpperCase() }))).toBe(true);
  });

  it.each([
    ['another token', { requestorComment: `holdfast:${THEIRS}` }],
    ['no token', { requestorComment: 'by hand' }],
    ['another machine', { machineId: machineId(2) }],
    ['another script', { commands: [shown(0, 'created', { command: runScript('b.ps1', '-Deep') })] }],
    ['other arguments', { commands: [shown(0, 'created', { command: runScript('a.ps1') })] }],
    ['another path', { commands: [shown(1, 'created', { command: getFile('C:\\b') })] }],
    ['another type', { commands: [shown(1, 'created', { command: { type: 'PutFile' as const, fileName: 'C:\\a' } })] }],
    ['a command too many', { commands: [...commands, shown(2, 'created', { command: getFile('C:\\c') })] }],
  ])('not with %s', (_, fields) => {
    expect(isActionOf(attempt, anAction({ commands, ...fields }))).toBe(false);
  });

  it('not with the same words for a command of another type', () => {
    const word = 'C:\\a';
    const kinds = [{ type: 'PutFile' as const, fileName: word }, runScript(word), getFile(word)];
    for (const [ours, one] of kinds.entries())
      for (const [theirs, other] of kinds.entries()) {
        const action = anAction({ commands: [shown(0, 'created', { command: other })] });
        expect(isActionOf(anAttempt({ commands: [one] }), action)).toBe(ours === theirs);
      }
  });

  it('not with a command of any type too many', () => {
    for (const extra of [{ type: 'PutFile' as const, fileName: 'a' }, runScript('b.ps1'), getFile('C:\\c')])
      expect(isActionOf(attempt, anAction({ commands: [shown(2, 'created', { command: extra })] }))).toBe(false);
  });

  it('not with another file to put', () => {
    const put = anAttempt({ commands: [{ type: 'PutFile', fileName: 'a.exe' }] });
    const action = (fileName: string) =>
      anAction({ commands: [shown(0, 'created', { command: { type: 'PutFile', fileName } })] });
    expect(isActionOf(put, action('a.exe'))).toBe(true);
    expect(isActionOf(put, action('b.exe'))).toBe(false);
  });
});
