import { describe, expect, it } from 'vitest';
import { defenderVerdict } from '../../../../shared/domain/failures/defender-errors.ts';
import { type Evidence, explainFailure } from '../../../../shared/domain/failures/explain.ts';

describe("Defender's error answers", () => {
  it.each([
    [403, 'DisallowedOperation', 'RemediationLevelMissing'],
    [403, 'DisabledFeature', 'LiveResponseDisabled'],
    [403, 'Forbidden', 'PermissionMissing'],
    [400, 'OsPlatformNotSupported', 'PlatformNotSupported'],
    [400, 'InvalidRequestBody', 'InvalidCommand'],
    [404, 'ResourceNotFound', 'MachineNotFound'],
    [401, 'Unauthorized', 'PermissionMissing'],
    [500, 'InternalServerError', 'DefenderError'],
    [502, undefined, 'DefenderError'],
    [403, 'SomethingNew', 'PermissionMissing'],
  ])('%s %s ends as %s', (httpStatus, defenderCode, code) => {
    const known = defenderCode === undefined ? {} : { defenderCode };
    expect(explainFailure({ httpStatus, ...known }).code).toBe(code);
  });

  it('that heal by waiting are told from those that do not', () => {
    expect(defenderVerdict(400, 'ActiveRequestAlreadyExists')).toEqual({ kind: 'wait', reason: 'MachineBusy' });
    expect(defenderVerdict(429, 'TooManyRequests')).toEqual({ kind: 'wait', reason: 'SubmitRate' });
    expect(defenderVerdict(503, undefined)).toEqual({ kind: 'wait', reason: 'DefenderUnavailable' });
    expect(defenderVerdict(400, 'toString')).toEqual({ kind: 'fail', code: 'InvalidCommand' });
  });

  it('may say of a submit that the script is not in the library', () => {
    const evidence = {
      httpStatus: 400,
      defenderCode: 'InvalidInput',
      defenderMessage: 'Script x.ps1 was not found in library',
    };
    expect(explainFailure(evidence).code).toBe('ScriptNotInLibrary');
    expect(
      explainFailure({ httpStatus: 404, defenderCode: 'ResourceNotFound', defenderMessage: 'Machine not found' }).code,
    ).toBe('MachineNotFound');
  });
});

describe("an answer's status, where no code of Defender's is known", () => {
  it.each([
    [undefined, { kind: 'wait', reason: 'DefenderUnavailable' }],
    [500, { kind: 'wait', reason: 'DefenderUnavailable' }],
    [599, { kind: 'wait', reason: 'DefenderUnavailable' }],
    [408, { kind: 'wait', reason: 'DefenderUnavailable' }],
    [429, { kind: 'wait', reason: 'SubmitRate' }],
    [400, { kind: 'fail', code: 'InvalidCommand' }],
    [401, { kind: 'renewToken', code: 'PermissionMissing' }],
    [403, { kind: 'fail', code: 'PermissionMissing' }],
    [404, { kind: 'fail', code: 'MachineNotFound' }],
    [418, { kind: 'fail', code: 'DefenderError' }],
    [499, { kind: 'fail', code: 'DefenderError' }],
  ] as const)('%s decides', (status, verdict) => {
    expect(defenderVerdict(status, undefined)).toEqual(verdict);
    expect(defenderVerdict(status, 'SomethingNew')).toEqual(verdict);
  });

  it('decides nothing where the code is known', () => {
    expect(defenderVerdict(500, 'ResourceNotFound')).toEqual({ kind: 'fail', code: 'MachineNotFound' });
    expect(defenderVerdict(undefined, 'ActiveRequestAlreadyExists')).toEqual({ kind: 'wait', reason: 'MachineBusy' });
  });
});

describe('an answer that refused a submit', () => {
  const ends = (evidence: Evidence) => explainFailure({ commandType: 'RunScript', ...evidence }).code;

  it('says more than anything known of the command', () => {
    expect(ends({ httpStatus: 403, commandErrors: ['File is too large'], actionStatus: 'TimeOut' })).toBe(
      'PermissionMissing',
    );
    expect(ends({ defenderCode: 'DisabledFeature', commandErrors: ['File is too large'] })).toBe(
      'LiveResponseDisabled',
    );
  });

  it("for want of Defender's health is Defender's error, not the command's", () => {
    expect(ends({ httpStatus: 503 })).toBe('DefenderError');
    expect(ends({ httpStatus: 429 })).toBe('DefenderError');
  });

  it.each([
    ['ResourceNotFound', 'Script x.ps1 was not found in library', 'ScriptNotInLibrary'],
    ['InvalidInput', 'Script collect.ps1 does not exist', 'ScriptNotInLibrary'],
    ['InvalidInput', 'The script is unsigned', 'ScriptNotSigned'],
    ['InvalidInput', 'Machine does not exist', 'InvalidCommand'],
    ['InvalidInput', 'Script is too large', 'InvalidCommand'],
    ['InvalidInput', undefined, 'InvalidCommand'],
    ['ResourceNotFound', undefined, 'MachineNotFound'],
    ['Forbidden', 'Script x.ps1 was not found in library', 'PermissionMissing'],
    ['OsPlatformNotSupported', 'The script is unsigned', 'PlatformNotSupported'],
  ])('%s with the words "%s" means %s', (defenderCode, words, code) => {
    expect(ends({ defenderCode, ...(words === undefined ? {} : { defenderMessage: words }) })).toBe(code);
  });
});
