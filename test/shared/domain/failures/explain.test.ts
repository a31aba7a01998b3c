import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOfCommandErrors } from '../../../../shared/domain/failures/command-errors.ts';
import { type Evidence, explainFailure } from '../../../../shared/domain/failures/explain.ts';
import { FAILURE_CODES, isFailureCode } from '../../../../shared/domain/failures/failure-codes.ts';
import { HRESULTS, hexOf, hresultIn } from '../../../../shared/domain/failures/hresults.ts';
import type { CommandType } from '../../../../shared/domain/request/collection-request.ts';

describe('the words of a failed command', () => {
  it.each<[string, CommandType, string]>([
    [
      "Error: File 'x.ps1' wasn't found in the library. Run 'library' to get list of files",
      'RunScript',
      'ScriptNotInLibrary',
    ],
    ['File ‘x’ wasn’t found in the library', 'PutFile', 'ScriptNotInLibrary'],
    ['The script does not exist in the library', 'RunScript', 'ScriptNotInLibrary'],
    ['File not found', 'RunScript', 'ScriptNotInLibrary'],
    ['Could not find file C:\\Temp\\a.csv', 'GetFile', 'FileNotFound'],
    ["The file doesn't exist", 'GetFile', 'FileNotFound'],
    ['The system cannot find the path specified.', 'GetFile', 'FileNotFound'],
    ['The process cannot access the file because it is being used by another process.', 'GetFile', 'FileLocked'],
    ['Access to the path is denied.', 'GetFile', 'FileLocked'],
    ['Sharing violation', 'GetFile', 'FileLocked'],
    ['The file is too large to collect', 'GetFile', 'FileTooLarge'],
    ['File size exceeds the limit of 3 GB', 'GetFile', 'FileTooLarge'],
    ['The script is unsigned and unsigned execution is not allowed', 'RunScript', 'ScriptNotSigned'],
    ['File a.ps1 cannot be loaded. The file is not digitally signed.', 'RunScript', 'ScriptNotSigned'],
    ['The command timed out', 'RunScript', 'ActionTimedOut'],
    ['Command exceeded the 10 minutes it may take', 'RunScript', 'ActionTimedOut'],
    ['The session was closed: lost connection to the device', 'GetFile', 'DefenderError'],
    ['Command was canceled by the user', 'RunScript', 'ActionCancelled'],
  ])('"%s" of %s means %s', (text, type, code) => {
    expect(codeOfCommandErrors([text], type)).toBe(code);
  });

  it('are taken for those of a GetFile where nobody says which command failed', () => {
    expect(codeOfCommandErrors(['File not found'])).toBe('FileNotFound');
    expect(explainFailure({ commandErrors: ['Access is denied'] }).code).toBe('FileLocked');
  });

  it('are read one by one: two harmless ones make no telling one', () => {
    expect(codeOfCommandErrors(['1 result was found.', 'Library loaded'], 'RunScript')).toBeUndefined();
  });

  it('are read with any apostrophe', () => {
    for (const mark of ["'", '\u2019', '\u2018', '`', '´'])
      expect(codeOfCommandErrors([`The file couldn${mark}t be found`], 'GetFile')).toBe('FileNotFound');
  });

  it('without any, or without a command, tell no more than how it ended', () => {
    expect(explainFailure({ commandErrors: ['Something odd'] }).code).toBe('CommandFailed');
    expect(explainFailure({ commandErrors: [], commandType: 'GetFile' }).code).toBe('CommandFailed');
    expect(explainFailure({ commandErrors: [] }).code).toBe('DefenderError');
    expect(explainFailure({}).code).toBe('DefenderError');
  });

  it('that say nothing known leave it at CommandFailed', () => {
    expect(codeOfCommandErrors(['Something odd'])).toBeUndefined();
    expect(explainFailure({ commandErrors: ['Something odd'], commandType: 'RunScript' }).code).toBe('CommandFailed');
  });

  it('do not make a locked file of a script that met a closed door', () => {
    expect(explainFailure({ commandErrors: ['Access is denied'], commandType: 'RunScript' }).code).toBe(
      'CommandFailed',
    );
  });
});

describe("Defender's numbers", () => {
  it('have both spellings', () => {
    expect(HRESULTS.find((row) => row.hex === '0x80190198')?.signed).toBe(-2145844840);
    expect(HRESULTS.map((row) => hexOf(row.signed))).toEqual(HRESULTS.map((row) => row.hex));
    expect([hexOf(5), hexOf(-1)]).toEqual(['0x00000005', '0xFFFFFFFF']);
  });

  it('are found in the words of an error', () => {
    expect(hresultIn('Unexpected error. HRResult: -2145844840')).toBe(-2145844840);
    expect(hresultIn('failed with 0x80070002.')).toBe(-2147024894);
    expect(hresultIn('took 1234567890 ms, 0x00000001')).toBeUndefined();
  });

  it('explain a failure and are kept with it, 0 meaning none', () => {
    const failure = explainFailure({ actionStatus: 'Failed', errorHResult: -2145844840 });
    expect(failure).toMatchObject({ code: 'DefenderError', retryable: true, errorHResult: -2145844840 });
    expect(failure.message).toContain('0x80190198');
    expect(explainFailure({ actionStatus: 'Failed', errorHResult: 0 })).not.toHaveProperty('errorHResult');
    expect(
      explainFailure({ commandErrors: ['Unexpected error. HRResult: -2147024894'], commandType: 'GetFile' }),
    ).toMatchObject({
      code: 'FileNotFound',
      errorHResult: -2147024894,
    });
  });

  it('mean for what is put or run another thing than for a file on the device', () => {
    const ends = (errorHResult: number, commandType?: CommandType) =>
      explainFailure({ errorHResult, ...(commandType ? { commandType } : {}) }).code;
    const [notFound, denied, noSignature] = [-2147024894, -2147024891, -2146762496];
    expect([ends(notFound), ends(notFound, 'GetFile')]).toEqual(['FileNotFound', 'FileNotFound']);
    expect([ends(notFound, 'PutFile'), ends(notFound, 'RunScript')]).toEqual([
      'ScriptNotInLibrary',
      'ScriptNotInLibrary',
    ]);
    expect([ends(denied), ends(denied, 'GetFile')]).toEqual(['FileLocked', 'FileLocked']);
    expect([ends(denied, 'PutFile'), ends(denied, 'RunScript')]).toEqual(['CommandFailed', 'CommandFailed']);
    expect(ends(noSignature, 'RunScript')).toBe('ScriptNotSigned');
  });

  it('that nobody knows are kept, and say nothing', () => {
    const failure = explainFailure({ errorHResult: -2147483648, commandType: 'RunScript' });
    expect(failure).toMatchObject({ code: 'CommandFailed', errorHResult: -2147483648 });
    expect(failure.message).not.toContain('Defender gave');
  });

  it('are found in any of the errors, down to the lowest there is', () => {
    const found = (...commandErrors: string[]) => explainFailure({ commandErrors }).errorHResult;
    expect(found('failed: 0x80070002', 'again')).toBe(-2147024894);
    expect(found('odd', 'HRResult: -2147024894')).toBe(-2147024894);
    expect([found('-2147483648'), found('-2147483649'), found('-9999999999')]).toEqual([
      -2147483648,
      undefined,
      undefined,
    ]);
  });

  it('say less than the words beside them', () => {
    const evidence: Evidence = {
      commandErrors: ['File is too large'],
      commandType: 'GetFile',
      errorHResult: -2147467259,
    };
    expect(explainFailure(evidence)).toMatchObject({ code: 'FileTooLarge', errorHResult: -2147467259 });
  });
});

describe('how an action ended', () => {
  it.each([
    ['TimeOut', 'ActionTimedOut'],
    ['Cancelled', 'ActionCancelled'],
    ['Canceled', 'ActionCancelled'],
    ['Failed', 'DefenderError'],
    ['SomethingNew', 'DefenderError'],
  ])('%s with nothing else known is %s', (actionStatus, code) => {
    expect(explainFailure({ actionStatus }).code).toBe(code);
  });

  it('always gives one of our codes, whatever is known', () => {
    const any = fc.record(
      {
        httpStatus: fc.integer({ min: 0, max: 700 }),
        defenderCode: fc.string(),
        defenderMessage: fc.string(),
        actionStatus: fc.string(),
        commandErrors: fc.array(fc.string()),
        commandType: fc.constantFrom<CommandType>('PutFile', 'RunScript', 'GetFile'),
        errorHResult: fc.integer(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (evidence) => {
        expect(isFailureCode(explainFailure(evidence).code)).toBe(true);
      }),
    );
    expect(FAILURE_CODES).toHaveLength(24);
    expect([isFailureCode('filenotfound'), isFailureCode('toString'), isFailureCode('')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
