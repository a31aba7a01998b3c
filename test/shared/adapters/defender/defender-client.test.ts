import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../../../shared/domain/request/collection-request.ts';
import type { Reply } from '../../../../shared/ports.ts';
import { type DefenderServer, NOW, startDefenderServer } from './defender-server.ts';

const MACHINE = 'a'.repeat(40);
const GET_FILE: Command = { type: 'GetFile', path: 'C:\\Temp\\a.zip' };
const ACTION = { id: 'action-1', type: 'LiveResponse', status: 'Pending', machineId: MACHINE, commands: [] };

let server: DefenderServer;
beforeAll(async () => {
  server = await startDefenderServer();
});
afterAll(() => server.close());

const submit = (): Promise<Reply<unknown>> =>
  server.client().submit({ machineId: MACHINE, commands: [GET_FILE], comment: 'why' });

describe('what is sent', () => {
  it('of a submit is the documented body, without Args where there are none', async () => {
    server.answers({ status: 201, json: ACTION });
    const reply = await server.client().submit({
      machineId: MACHINE,
      commands: [
        { type: 'PutFile', fileName: 'tool.exe' },
        { type: 'RunScript', scriptName: 'a.ps1', args: '-Deep "x y"' },
        { type: 'RunScript', scriptName: 'b.ps1' },
        GET_FILE,
      ],
      comment: 'INC-1 [token]',
    });
    expect(reply).toMatchObject({ ok: true, value: { machineActionId: 'action-1', status: 'pending' } });
    expect(server.seen).toEqual([
      {
        method: 'POST',
        url: `/api/machines/${MACHINE}/runliveresponse`,
        authorization: 'Bearer the-token',
        contentType: 'application/json',
        body: {
          Commands: [
            { type: 'PutFile', params: [{ key: 'FileName', value: 'tool.exe' }] },
            {
              type: 'RunScript',
              params: [
                { key: 'ScriptName', value: 'a.ps1' },
                { key: 'Args', value: '-Deep "x y"' },
              ],
            },
            { type: 'RunScript', params: [{ key: 'ScriptName', value: 'b.ps1' }] },
            { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\Temp\\a.zip' }] },
          ],
          Comment: 'INC-1 [token]',
        },
      },
    ]);
  });

  it('of a cancel is the comment', async () => {
    server.answers({ json: { ...ACTION, status: 'Cancelled' } });
    await server.client().cancel('action-1', 'enough');
    expect(server.seen[0]).toMatchObject({ url: '/api/machineactions/action-1/cancel', body: { Comment: 'enough' } });
  });

  it('asks for many actions in one call, quotes doubled', async () => {
    server.answers({ json: { value: [] } });
    await server.client().listActions({ ids: ['a', "b'c"] });
    const query = new URL(server.seen[0]?.url ?? '', server.url).searchParams;
    expect(Object.fromEntries(query)).toEqual({ $filter: "id in ('a','b''c')", $top: '1000' });
  });

  it('asks for the live responses of one machine, newest first', async () => {
    server.answers({ json: { value: [] } });
    await server.client().listActions({ machineId: MACHINE });
    const query = new URL(server.seen[0]?.url ?? '', server.url).searchParams;
    expect(Object.fromEntries(query)).toEqual({
      $filter: `machineId eq '${MACHINE}' and type eq 'LiveResponse'`,
      $orderby: 'creationDateTimeUtc desc',
      $top: '100',
    });
  });

  it('asks for a machine by address and time', async () => {
    server.answers({ json: { value: [] } });
    await server.client().machinesByIp('10.1.2.3', NOW);
    expect(decodeURIComponent(server.seen[0]?.url ?? '')).toBe(
      "/api/machines/findbyip(ip='10.1.2.3',timestamp=2026-01-01T12:00:00.000Z)",
    );
  });

  it('keeps ids and names inside their place of the path', async () => {
    server.answers({ json: ACTION });
    await server.client().action('../machines?x#');
    await server.client().machine('ws01/../x');
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/api/machineactions/..%2Fmachines%3Fx%23',
      '/api/machines/ws01%2F..%2Fx',
    ]);
  });

  it('is nothing when no id is asked for, and refuses more than a hundred', async () => {
    server.answers({ json: { value: [] } });
    expect(await server.client().listActions({ ids: [] })).toEqual({ ok: true, value: { value: [] } });
    expect(server.seen).toEqual([]);
    await expect(server.client().listActions({ ids: Array.from({ length: 101 }, String) })).rejects.toThrow(RangeError);
  });
});

describe('pages', () => {
  it('go on with the query of the next link, never to its host', async () => {
    server.answers(
      { json: { value: [{ id: 'M1' }], '@odata.nextLink': 'https://evil.example/api/machines?$skip=1&$top=1' } },
      { json: { value: [{ id: 'M2' }] } },
    );
    const client = server.client();
    const first = await client.machines();
    expect(first).toMatchObject({ ok: true, value: { value: [{ machineId: 'm1' }], next: '?$skip=1&$top=1' } });
    const second = await client.machines('?$skip=1&$top=1');
    expect(second).toEqual({ ok: true, value: { value: [{ machineId: 'm2', machineTags: [] }] } });
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/api/machines?$top=10000&$skip=0',
      '/api/machines?$skip=1&$top=1',
    ]);
  });

  it('end when a page names itself as the next', async () => {
    server.answers({
      json: { value: [{ id: 'm' }], '@odata.nextLink': `${server.url}/api/machines?$top=10000&$skip=0` },
    });
    expect(await server.client().machines()).toEqual({
      ok: true,
      value: { value: [{ machineId: 'm', machineTags: [] }] },
    });
  });

  it('go on by number after a full page without a next link', async () => {
    server.answers({ json: { value: Array.from({ length: 10_000 }, (_, n) => ({ id: `m${n}` })) } });
    expect(await server.client().machines()).toMatchObject({
      ok: true,
      value: { next: '?$top=10000&$skip=10000' },
    });
  });

  it('of machines are empty when Defender knows no recent one', async () => {
    server.answers({ status: 404, json: { error: { code: 'ResourceNotFound', message: '' } } });
    expect(await server.client().machines()).toEqual({ ok: true, value: { value: [] } });
    expect(await server.client().machinesByIp('10.0.0.1', NOW)).toEqual({ ok: true, value: [] });
  });

  it('survive entries that cannot be read, and say so in the log', async () => {
    server.answers({ json: { value: [null, 7, { status: 'Pending' }, { id: 5 }, { ...ACTION, commands: 'none' }] } });
    const page = await server.client().listActions({ ids: ['action-1'] });
    expect(page).toMatchObject({ ok: true, value: { value: [{ machineActionId: 'action-1', commands: [] }] } });
    expect(server.logged).toEqual([
      '{"event":"defender.entriesUnreadable","fields":{"endpoint":"listMachineActions","entries":4}}',
    ]);
  });

  it('that are no list are unavailable', async () => {
    server.answers({ json: { value: 'x' } });
    expect(await server.client().listActions({ ids: ['a'] })).toMatchObject({ fault: { kind: 'unavailable' } });
  });
});

describe('result links', () => {
  it('are taken out of the extra quotes that Defender sometimes gives', async () => {
    server.answers({ json: { value: '"https://x.blob.core.windows.net/c/b?sig=s"' } });
    expect(await server.client().resultLink('action-1', 2)).toEqual({
      ok: true,
      value: 'https://x.blob.core.windows.net/c/b?sig=s',
    });
    expect(server.seen[0]?.url).toBe('/api/machineactions/action-1/GetLiveResponseResultDownloadLink(index=2)');
    expect(server.logged).toEqual([]);
  });

  it('that are no address are unavailable', async () => {
    for (const value of ['', 'file:///etc/passwd', null, 5]) {
      server.answers({ json: { value } });
      expect(await server.client().resultLink('action-1', 0)).toMatchObject({ fault: { kind: 'unavailable' } });
    }
  });
});

describe('faults', () => {
  const envelope = (code: string, message = 'm'): unknown => ({ error: { code, message, target: 'g' } });

  it.each([
    ['in seconds', { headers: { 'retry-after': '17' } }, 17_000],
    ['as a date', { headers: { 'retry-after': 'Thu, 01 Jan 2026 12:00:30 GMT' } }, 30_000],
    ['as a date in the past', { headers: { 'retry-after': 'Thu, 01 Jan 2026 11:00:00 GMT' } }, 0],
    ['as a date in another age', { headers: { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' } }, 3_600_000],
    ['in a number of seconds that is no wait', { headers: { 'retry-after': '9999999' } }, 3_600_000],
    ['in words', { json: envelope('TooManyRequests', 'Rate limit is exceeded. Try again in 42 seconds.') }, 42_000],
  ])('of the rate carry the time to wait %s', async (_, answer, retryAfterMs) => {
    server.answers({ status: 429, ...answer });
    expect(await submit()).toMatchObject({ ok: false, fault: { kind: 'rateLimited', retryAfterMs } });
  });

  it('of the rate without a time name none', async () => {
    server.answers({ status: 429, headers: { 'retry-after': 'soon' } });
    expect(await submit()).toEqual({ ok: false, fault: { kind: 'rateLimited', message: 'Defender answered 429' } });
  });

  it.each([
    [400, 'ActiveRequestAlreadyExists', { kind: 'machineBusy' }],
    [404, 'ResourceNotFound', { kind: 'notFound', code: 'ResourceNotFound' }],
    [403, 'DisallowedOperation', { kind: 'refused', httpStatus: 403, code: 'DisallowedOperation' }],
    [400, 'InvalidRequestBody', { kind: 'refused', httpStatus: 400, code: 'InvalidRequestBody' }],
    [408, 'Timeout', { kind: 'unavailable', httpStatus: 408, reached: true }],
    [500, 'InternalServerError', { kind: 'unavailable', httpStatus: 500, reached: true }],
  ])('%i %s stays what it is', async (status, code, fault) => {
    server.answers({ status, json: envelope(code) });
    expect(await submit()).toEqual({ ok: false, fault: { message: 'm', ...fault } });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    [404, { kind: 'notFound', code: 'NotFound' }],
    [403, { kind: 'refused', code: 'Http403' }],
    [503, { kind: 'unavailable', httpStatus: 503, retryAfterMs: 9_000, reached: true }],
    [307, { kind: 'unavailable', httpStatus: 307, reached: true }],
  ])('%i without a readable body has a name all the same', async (status, fault) => {
    const headers = { 'retry-after': '9', location: `${server.url}/elsewhere` };
    server.answers({ status, text: '<html>gateway</html>', headers });
    expect(await submit()).toMatchObject({ ok: false, fault });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['an empty body', { text: '' }],
    ['a body that is not JSON', { text: '<html>' }],
    ['a body without an id', { json: {} }],
  ])('200 with %s is unavailable, and may have taken effect', async (_, answer) => {
    server.answers(answer);
    expect(await submit()).toMatchObject({ ok: false, fault: { kind: 'unavailable', reached: true } });
  });

  it('of a connection that breaks may have taken effect', async () => {
    server.answers((response) => void response.destroy());
    expect(await submit()).toMatchObject({ fault: { kind: 'unavailable', reached: true } });
    server.answers(
      (response) => void response.writeHead(200, { 'content-length': '500' }).write('{"id":', () => response.destroy()),
    );
    expect(await submit()).toMatchObject({ fault: { kind: 'unavailable', httpStatus: 200, reached: true } });
  });

  it('of a connection that was refused has taken no effect', async () => {
    const gone = await startDefenderServer();
    await gone.close();
    const client = server.client({ baseUrl: gone.url });
    const reply = await client.submit({ machineId: MACHINE, commands: [GET_FILE], comment: '' });
    expect(reply).toEqual({
      ok: false,
      fault: { kind: 'unavailable', message: 'connection failed (ECONNREFUSED)', reached: false },
    });
  });

  it('of an answer that does not come in time may have taken effect', async () => {
    server.answers(() => undefined);
    expect(await server.client({ timeoutMs: 40 }).action('a')).toEqual({
      ok: false,
      fault: { kind: 'unavailable', message: 'no answer within 0.04 s', reached: true },
    });
    server.answers((response) => void response.writeHead(200).write('{'));
    expect(await server.client({ timeoutMs: 40 }).action('a')).toMatchObject({
      fault: { httpStatus: 200, reached: true },
    });
  });

  it('of an answer without end are cut off', async () => {
    server.answers((response) => {
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(1 << 20, 32), more));
      response.writeHead(200);
      more();
    });
    expect(await server.client().action('a')).toMatchObject({ fault: { kind: 'unavailable', httpStatus: 200 } });
  });

  it('keep links, secrets and invisible characters out of messages, and stay short', async () => {
    const message = `see https://x.blob.core.windows.net/b?sig=SECRET or sig=SECRET\u0000\u202e${'x'.repeat(900)}`;
    server.answers({ status: 400, json: envelope('BadRequest', message) });
    const reply = await submit();
    const text = reply.ok || !('message' in reply.fault) ? '' : reply.fault.message;
    expect(text).toMatch(/^see \[link removed\] or sig=\[redacted\] x+…$/);
    expect(text).toHaveLength(500);
    expect(server.logged.join()).not.toMatch(/SECRET|xxx|the-token/);
  });
});

describe('a refused token', () => {
  const tokens = (): { token: () => Promise<string>; refresh: (rejected: string) => Promise<string> } => ({
    token: async () => 'old',
    refresh: async (rejected) => `not-${rejected}`,
  });

  it('is replaced once and the call repeated', async () => {
    server.answers({ status: 401 }, { json: ACTION });
    expect(await server.client({ token: tokens() }).action('a')).toMatchObject({ ok: true });
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer not-old']);
  });

  it('is final when the new one is refused as well', async () => {
    server.answers({ status: 401, json: { error: { code: 'Unauthorized', message: 'no' } } });
    expect(await server.client({ token: tokens() }).action('a')).toEqual({
      ok: false,
      fault: { kind: 'refused', httpStatus: 401, code: 'Unauthorized', message: 'no' },
    });
    expect(server.seen).toHaveLength(2);
  });

  it('that cannot be had leaves Defender untouched', async () => {
    server.answers({ json: ACTION });
    const token = { ...tokens(), token: () => Promise.reject(new Error('no identity; Bearer abcdefgh')) };
    expect(await server.client({ token }).action('a')).toEqual({
      ok: false,
      fault: {
        kind: 'unavailable',
        message: 'no token for Defender: no identity; Bearer [redacted]',
        reached: false,
      },
    });
    expect(server.seen).toEqual([]);
  });
});
