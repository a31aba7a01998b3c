import { describe, expect, it } from 'vitest';
import { readJson } from '../../../functions/http/body.ts';
import { Refusal } from '../../../functions/http/refusal.ts';
import { aRequest } from './holdfast.ts';

const LIMIT = 256 * 1024;
const HERE = 'https://holdfast.azurewebsites.net/api/collections';

const read = (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<unknown> =>
  readJson(
    aRequest(HERE, { method: 'POST', headers, body: typeof body === 'string' ? { string: body } : { bytes: body } }),
  );
const refusedAs = async (body: string, headers: Record<string, string> = {}): Promise<string> =>
  read(body, headers).then(
    () => 'read',
    (error: unknown) => (error instanceof Refusal ? error.error.code : `threw ${String(error)}`),
  );

describe('a body', () => {
  it('is JSON, with or without a byte order mark', async () => {
    expect(await read('{"a":1}')).toEqual({ a: 1 });
    expect(await read('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  it('may be missing', async () => {
    expect(await read('')).toBeUndefined();
    expect(await read(' \r\n')).toBeUndefined();
  });

  it.each(['{', '{"a":1}}', "{'a':1}", 'null x', '\u0000'])('that is not JSON is refused: %j', async (body) => {
    expect(await refusedAs(body)).toBe('InvalidRequest');
  });

  it('up to 256 KiB is read, in bytes, not characters', async () => {
    const full = (fill: string, bytes: number) => JSON.stringify(fill.repeat((bytes - 2) / Buffer.byteLength(fill)));
    expect(Buffer.byteLength(full('x', LIMIT))).toBe(LIMIT);
    expect(await refusedAs(full('x', LIMIT))).toBe('read');
    expect(await refusedAs(full('x', LIMIT + 1))).toBe('BodyTooLarge');
    expect(await refusedAs(full('é', LIMIT))).toBe('read');
    expect(await refusedAs(full('é', LIMIT + 2))).toBe('BodyTooLarge');
  });

  it('that says itself that it is larger is not read at all', async () => {
    expect(await refusedAs('{}', { 'content-length': String(LIMIT + 1) })).toBe('BodyTooLarge');
  });
});
