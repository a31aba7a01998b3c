import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  READ_LIMIT_BYTES,
  REPAIR_LIMIT_BYTES,
  readScriptResult,
} from '../../../../shared/domain/results/script-result.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const whole = { script_name: 'a.ps1', exit_code: 3, script_output: 'line 1\nline 2', script_errors: 'oh' };
const meant = { exitCode: 3, output: 'line 1\nline 2', errors: 'oh' };
const json = JSON.stringify(whole);
const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));

describe('the result of a RunScript', () => {
  it.each([
    ['plain JSON', utf8(json)],
    ['a byte order mark', utf8(`\ufeff${json}`)],
    ['raw line breaks inside strings', utf8(json.replaceAll('\\n', '\n'))],
    ['NULs after it', utf8(`${json}\0\0\0`)],
    ['escaped NULs after the output', utf8(json.replace('line 2', 'line 2\\u0000\\u0000'))],
    ['UTF-16 with a byte order mark', utf16(`\ufeff${json}`)],
    ['UTF-16 without one', utf16(json)],
    ['UTF-16, big end first', new Uint8Array(Buffer.from(`\ufeff${json}`, 'utf16le').swap16())],
    ['a missing brace', utf8(json.slice(0, -1))],
    ['a trailing comma', utf8(json.replace('}', ',}'))],
    ['keys in another spelling', utf8('{"ScriptOutput":"line 1\\nline 2","ExitCode":"3","scriptErrors":"oh"}')],
  ])('is read with %s', (_, bytes) => {
    expect(readScriptResult(bytes)).toEqual(meant);
  });

  it('is empty for an empty blob, plain text, a list and a number', () => {
    for (const text of ['', 'Transcript started', '[1]', '7']) expect(readScriptResult(utf8(text))).toEqual({});
  });

  it('takes no exit code that the script only printed', () => {
    const printed = JSON.stringify({ script_output: '"exit_code": 9' });
    expect(readScriptResult(utf8(printed.slice(0, -1)))).not.toHaveProperty('exitCode');
  });

  it('gives the exit code of a large damaged result without repairing it', () => {
    const large = `{"exit_code":0,"script_output":"${'x'.repeat(REPAIR_LIMIT_BYTES)}`;
    expect(readScriptResult(utf8(large))).toEqual({ exitCode: 0 });
    const larger = `${`{"script_output":"${'x'.repeat(READ_LIMIT_BYTES)}`}","exit_code":-5}`;
    expect(readScriptResult(utf8(larger))).toEqual({ exitCode: -5 });
  });

  it('takes no longer than a moment for text that is slow to repair', () => {
    // of this thread's own, so that a busy machine changes nothing
    const begun = process.threadCpuUsage();
    readScriptResult(utf8(`{"script_output":"${'"x'.repeat(500_000)}"}`));
    readScriptResult(utf8(`{"script_output":"${'"x'.repeat(REPAIR_LIMIT_BYTES / 2 - 20)}"}`));
    const { user, system } = process.threadCpuUsage(begun);
    expect((user + system) / 1000).toBeLessThan(2000);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void readScriptResult(bytes)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void readScriptResult(utf8(`{"exit_code":${text}`))),
    );
    expect(readScriptResult(utf8('['.repeat(200_000)))).toEqual({});
  });
});
