import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCallbackSender } from '../../../../shared/adapters/callback/http-callback-sender.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let origin = '';
let port = 0;
let handler: Handler = (_, response) => response.end();
let seen: { url: string; contentType: string; body: string }[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const contentType = request.headers['content-type'] ?? '';
    seen.push({ url: request.url ?? '', contentType, body: Buffer.concat(chunks).toString() });
    handler(request, response);
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  origin = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const local = createCallbackSender({ allowedHosts: [], loopbackAllowed: true, timeoutMs: 2_000 });

function answering(next: Handler): void {
  handler = next;
  seen = [];
}

describe('a callback', () => {
  it('is one POST of JSON', async () => {
    answering((_, response) => response.writeHead(202).end('thanks'));
    expect(await local.post(`${origin}/hook?sig=s`, { eventId: 'e1', name: 'ü' })).toEqual({ httpStatus: 202 });
    expect(seen).toEqual([
      { url: '/hook?sig=s', contentType: 'application/json', body: '{"eventId":"e1","name":"ü"}' },
    ]);
  });

  it('finds this machine by name', async () => {
    answering((_, response) => response.end());
    expect(await local.post(`http://localhost:${port}/hook`, {})).toEqual({ httpStatus: 200 });
  });

  it.each([400, 404, 408, 429, 500, 503])('reports %i as it is', async (status) => {
    answering((_, response) => response.writeHead(status).end());
    expect(await local.post(origin, {})).toEqual({ httpStatus: status });
  });

  it('does not follow redirects', async () => {
    answering((_, response) => response.writeHead(307, { location: `${origin}/elsewhere` }).end());
    expect(await local.post(`${origin}/hook`, {})).toEqual({ httpStatus: 307 });
    expect(seen).toHaveLength(1);
  });

  it('drops an answer without end', async () => {
    answering((_, response) => {
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
      response.writeHead(200);
      more();
    });
    expect(await local.post(origin, {})).toEqual({ httpStatus: 200 });
  });

  it('counts as answered when the status came and the rest did not', async () => {
    const hurried = createCallbackSender({ allowedHosts: [], loopbackAllowed: true, timeoutMs: 100 });
    answering((_, response) => void response.writeHead(200, { 'content-length': '10' }).write('x'));
    expect(await hurried.post(origin, {})).toEqual({ httpStatus: 200 });
    answering((_, response) => void response.writeHead(200).write('x', () => response.destroy()));
    expect(await local.post(origin, {})).toEqual({ httpStatus: 200 });
  });

  it('says without the address why there was no answer', async () => {
    const hurried = createCallbackSender({ allowedHosts: [], loopbackAllowed: true, timeoutMs: 50 });
    answering(() => undefined);
    expect(await hurried.post(`${origin}/secret`, {})).toEqual({ message: 'the receiver did not answer in time' });
    answering((_, response) => void response.destroy());
    expect(await local.post(`${origin}/secret`, {})).toEqual({ message: 'connection failed (ECONNRESET)' });
    const unresolved = createCallbackSender({
      allowedHosts: ['.logic.azure.com'],
      loopbackAllowed: false,
      resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo secret'), { code: 'ENOTFOUND' })),
    });
    expect(await unresolved.post('https://a.logic.azure.com/secret', {})).toEqual({
      message: 'connection failed (ENOTFOUND)',
    });
  });
});

describe('a callback is not sent', () => {
  const strict = (addresses: string[]): ReturnType<typeof createCallbackSender> =>
    createCallbackSender({
      allowedHosts: ['.logic.azure.com', '10.0.0.1', '169.254.169.254'],
      loopbackAllowed: false,
      timeoutMs: 500,
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });

  it.each([
    'https://evil.example/x',
    'https://logic.azure.com.evil.example/x',
    'http://a.logic.azure.com/x',
    'http://127.0.0.1/x',
    'https://localhost/x',
    'https://[::1]/x',
    'ftp://a.logic.azure.com/x',
  ])('to %s', async (url) => {
    expect(await strict(['20.1.1.1']).post(url, {})).toEqual({ message: 'the callback host is not allowed' });
  });

  it('to an address that cannot be read, or names a user', async () => {
    expect(await strict([]).post('not an address', {})).toEqual({ message: 'the callback address cannot be read' });
    expect(await strict([]).post('https://u:p@a.logic.azure.com/', {})).toEqual({
      message: 'the callback address names a user',
    });
  });

  it.each([[['10.0.0.5']], [['169.254.169.254']], [['20.1.1.1', '127.0.0.1']], [['::ffff:10.0.0.1']], [[]]])(
    'to an allowed name that stands for %j',
    async (addresses) => {
      expect(await strict(addresses).post('https://a.logic.azure.com/x', {})).toEqual({
        message: 'the host resolves to an address that is not allowed',
      });
    },
  );

  it.each(['https://10.0.0.1/x', 'https://169.254.169.254/x'])(
    'to the private address %s, listed or not',
    async (url) => {
      expect(await strict([]).post(url, {})).toEqual({
        message: 'the host resolves to an address that is not allowed',
      });
    },
  );

  it('elsewhere when localhost stands for another machine', async () => {
    const sender = createCallbackSender({
      allowedHosts: [],
      loopbackAllowed: true,
      resolve: async () => [{ address: '10.0.0.5', family: 4 }],
    });
    expect(await sender.post(`http://localhost:${port}/`, {})).toEqual({
      message: 'the host resolves to an address that is not allowed',
    });
  });
});
