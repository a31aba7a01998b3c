import { describe, expect, it } from 'vitest';
import { contextSink, createLog } from '../../../../shared/adapters/telemetry/console-log.ts';
import { systemIds } from '../../../../shared/adapters/telemetry/system.ts';

const KEY = `${'Ab0+/'.repeat(17)}Q==`;
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

function lineOf(fields: Record<string, unknown>): string {
  const lines: string[] = [];
  createLog((_, line) => lines.push(line), { now: () => 0 }).info('test.event', fields);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

describe('log', () => {
  it('writes one JSON line with instant, level, event and fields', () => {
    expect(JSON.parse(lineOf({ collectionId: 'c1', bytes: 7, absent: undefined }))).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      level: 'info',
      event: 'test.event',
      collectionId: 'c1',
      bytes: 7,
    });
  });

  it('goes to the level of the invocation', () => {
    const seen: string[] = [];
    const note = (level: string) => (line: string) => void seen.push(`${level} ${JSON.parse(line).event}`);
    const log = createLog(contextSink({ info: note('info'), warn: note('warn'), error: note('error') }), {
      now: () => 0,
    });
    log.info('a');
    log.warn('b');
    log.error('c');
    expect(seen).toEqual(['info a', 'warn b', 'error c']);
  });

  it.each([
    ['a SAS', 'https://x.blob.core.windows.net/c/b?sv=2019-07-07&sr=b&sig=SECRET%2Bx%3D&se=2026'],
    ['a SAS inside an encoded address', 'u=https%3A%2F%2Fx%3Fsig%3DSECRETx'],
    ['a bearer token', 'Authorization: Bearer SECRET-token.abc'],
    ['a function key', 'https://app/api/collections?code=SECRET=='],
    ['an operation token', 'https://app/api/operations/1?op=SECRET'],
    ['an account key in a connection string', 'AccountName=a;AccountKey=SECRET+/==;EndpointSuffix=x'],
  ])('never writes %s', (_, secret) => {
    expect(lineOf({ message: `before ${secret} after` })).not.toContain('SECRET');
    expect(lineOf({ nested: { list: [{ secret }] } })).not.toContain('SECRET');
    expect(lineOf({ error: new Error(secret, { cause: new Error(secret) }) })).not.toContain('SECRET');
  });

  it('never writes a key or token that stands alone', () => {
    expect(lineOf({ a: KEY, b: `x ${JWT} y` })).not.toMatch(/Ab0|eyJ/);
  });

  it('never writes a field that is secret by name', () => {
    expect(lineOf({ authorization: 'S3', callbackUrl: 'S3', headers: { Cookie: 'S3' } })).not.toContain('S3');
  });

  it('leaves plain words alone', () => {
    const message = `DisallowedOperation code=403 on GetFile of C:\\Windows\\a.zip, sha256 ${'ab'.repeat(32)}`;
    expect(JSON.parse(lineOf({ message })).message).toBe(message);
  });

  it('cannot be made to look like another line', () => {
    expect(lineOf({ path: 'a\n{"event":"forged"}\u202e\u2028' })).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(lineOf({ event: 'forged', level: 'error' }))).toMatchObject({
      event: 'test.event',
      level: 'info',
    });
  });

  it('writes circular and odd values without failing', () => {
    const circular: Record<string, unknown> = { big: 1n, bytes: new Uint8Array(3), at: new Date(Number.NaN) };
    circular.self = circular;
    expect(lineOf(circular)).toContain('[3 bytes]');
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(lineOf({ hostile })).toContain('unreadableFields');
  });
});

describe('ids', () => {
  it('are version 7 and sort by time', () => {
    const ids = Array.from({ length: 50 }, () => systemIds.next());
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id))).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
  });
});
