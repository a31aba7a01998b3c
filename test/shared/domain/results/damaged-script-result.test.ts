import { describe, expect, it } from 'vitest';
import {
  READ_LIMIT_BYTES,
  REPAIR_LIMIT_BYTES,
  readScriptResult,
} from '../../../../shared/domain/results/script-result.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const behind = (bytes: number[], text: string) => new Uint8Array([...bytes, ...utf8(text)]);

/** Too large to be repaired, so that reading alone must do. */
const LONG = 'x'.repeat(REPAIR_LIMIT_BYTES);
const large = { script_name: 'a.ps1', exit_code: 3, script_output: `C:\\Temp\n"${LONG}"\tend`, script_errors: 'oh' };
const meant = { exitCode: 3, output: large.script_output, errors: 'oh' };
const json = JSON.stringify(large);

describe('a script result too large for repair', () => {
  it.each([
    ['as it should be', utf8(json)],
    ['with raw line breaks and tabs inside strings', utf8(json.replaceAll('\\n', '\n').replaceAll('\\t', '\t'))],
    ['indented, with raw line breaks inside strings', utf8(JSON.stringify(large, null, 2).replaceAll('\\n', '\n'))],
    ['with NULs before and after it', utf8(`\0\0\0${json}\0\0\0`)],
    ['with blanks and line breaks around it', utf8(`\r\n  ${json}\r\n  `)],
    ['in UTF-16', utf16(json)],
    ['in UTF-16, big end first', utf16(json).swap16()],
    ['in UTF-16 with a byte order mark, big end first', utf16(`\ufeff${json}`).swap16()],
  ])('is read whole %s', (_, bytes) => {
    expect(readScriptResult(bytes)).toEqual(meant);
  });

  it('keeps each raw control character as it was, also next to an escape', () => {
    const output = `a\\"b${LONG}`;
    const raw = json.replace(JSON.stringify(large.script_output), `"${output}\u0001\u001f\\\\\n"`);
    expect(readScriptResult(utf8(raw)).output).toBe(`a"b${LONG}\u0001\u001f\\\n`);
  });
});

describe('the size up to which a result is mended, or read at all', () => {
  it('is a limit of bytes, met to the last', () => {
    const broken = (bytes: number) => {
      const [head, tail] = ['{"exit_code":3,"script_output":"', '"'];
      return utf8(`${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`);
    };
    expect(readScriptResult(broken(REPAIR_LIMIT_BYTES))).toHaveProperty('output');
    expect(readScriptResult(broken(REPAIR_LIMIT_BYTES + 1))).toEqual({ exitCode: 3 });
  });

  it('leaves of a result beyond it the exit code, wherever that stands', () => {
    const whole = (bytes: number) => {
      const [head, tail] = ['{"exit_code":3,"script_output":"', '"}'];
      return utf8(`${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`);
    };
    expect(readScriptResult(whole(READ_LIMIT_BYTES))).toHaveProperty('output');
    expect(readScriptResult(whole(READ_LIMIT_BYTES + 1))).toEqual({ exitCode: 3 });
  });
});

describe('a damaged script result', () => {
  it.each([
    ['0xFE', 0xfe],
    ['0xFF', 0xff],
  ])('that begins with a stray %s is not taken for UTF-16', (_, stray) => {
    expect(readScriptResult(behind([stray], '{"exit_code":3}'))).toEqual({ exitCode: 3 });
    expect(readScriptResult(behind([0x20, stray], '{"exit_code":3}'))).toEqual({ exitCode: 3 });
  });

  it('with two NULs before it is not taken for UTF-16', () => {
    expect(readScriptResult(behind([0, 0], '{"exit_code":3}'))).toEqual({ exitCode: 3 });
  });

  it('is mended although NULs stand between its parts', () => {
    expect(readScriptResult(utf8('{"exit_code":3,\0\0"script_output":"a"\0'))).toEqual({ exitCode: 3, output: 'a' });
  });

  it('keeps NULs inside its output, and drops those at the end', () => {
    const told = (script_output: string) => readScriptResult(utf8(JSON.stringify({ script_output }))).output;
    expect([told('a\0b\0\0'), told('\0\0')]).toEqual(['a\0b', '']);
  });

  it('in a list, or with other spelling or spaces, still gives its exit code', () => {
    const texts = ['[{"exit_code":3}]', '{"r":{"exit_code" : 3', '{"r":{"ExitCode":\n"3"', 'log: "EXIT_CODE"\t:3'];
    for (const text of texts) expect(readScriptResult(utf8(text))).toEqual({ exitCode: 3 });
  });

  it('gives an exit code of any length, with its sign', () => {
    const cut = (code: number) => readScriptResult(utf8(`{"result":{"exit_code": ${code}, "script_output":"a`));
    expect([cut(3221225786), cut(-1073741510), cut(0)]).toEqual([
      { exitCode: 3221225786 },
      { exitCode: -1073741510 },
      { exitCode: 0 },
    ]);
  });
});
