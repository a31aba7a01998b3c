import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResultSource } from '../../../../shared/adapters/results/http-result-source.ts';
import { linkAllowed } from '../../../../shared/adapters/results/link-hosts.ts';
import { type ResultServer, startResultServer } from '../../../contracts/result-source-server.ts';

const rule = { allowedHosts: ['.blob.core.windows.net', 'edr.contoso.com'], loopbackAllowed: true };

describe('a link', () => {
  const allowed = (link: string, loopbackAllowed = false) => linkAllowed(new URL(link), { ...rule, loopbackAllowed });

  it.each([
    'https://tenant.blob.core.windows.net/c/b?sig=x',
    'https://TENANT.BLOB.CORE.WINDOWS.NET/c/b',
    'https://tenant.blob.core.windows.net./c/b',
    'https://edr.contoso.com/x',
    'https://eu.edr.contoso.com/x',
  ])('to %s is followed', (link) => expect(allowed(link)).toBe(true));

  it.each([
    'https://blob.core.windows.net/c/b',
    'https://evilblob.core.windows.net/c/b',
    'https://blob.core.windows.net.evil.example/c/b',
    'https://evil.example/?x=.blob.core.windows.net',
    'https://tenant.blob.core.windows.net@evil.example/',
    'https://evil.example#.blob.core.windows.net',
    'https://xedr.contoso.com/x',
    'http://tenant.blob.core.windows.net/c/b',
    'http://127.0.0.1/x',
    'https://localhost/x',
    'http://[::1]/x',
    'http://2130706433/x',
  ])('to %s is not', (link) => expect(allowed(link)).toBe(false));

  it('to the loopback address is followed only where that is allowed', () => {
    for (const host of ['127.0.0.1:10000', 'localhost', '[::1]:80', '2130706433'])
      expect(allowed(`http://${host}/x`, true)).toBe(true);
    for (const host of ['127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0', '10.0.0.1'])
      expect(allowed(`http://${host}/x`, true)).toBe(false);
  });

  it('is followed nowhere by an empty suffix', () => {
    for (const suffix of ['', '.', ' '])
      expect(linkAllowed(new URL('https://x.example/'), { allowedHosts: [suffix], loopbackAllowed: false })).toBe(
        false,
      );
  });
});

describe('fetching a result', () => {
  let server: ResultServer;
  beforeAll(async () => {
    server = await startResultServer();
  });
  afterAll(() => server.close());

  it('sends no credentials, not even those that a link brings', async () => {
    server.show({ bytes: Uint8Array.of(1, 2, 3) });
    const opened = await createResultSource(rule).open(server.url.replace('http://', 'http://user:secret@'));
    expect(opened.ok).toBe(true);
    if (opened.ok) opened.value.close();
    const headers = server.requests.at(-1)?.headers ?? {};
    expect(Object.keys(headers)).not.toContain('authorization');
    expect(Object.keys(headers)).not.toContain('cookie');
  });

  it('gives bytes as they came, also when the answer claims an encoding', async () => {
    const bytes = gzipSync('content');
    server.show({ bytes, headers: { 'content-encoding': 'gzip' } });
    const opened = await createResultSource(rule).open(server.url);
    if (!opened.ok) throw new Error(opened.fault.kind);
    const pieces: Uint8Array[] = [];
    for await (const piece of opened.value.body) pieces.push(piece);
    expect(Buffer.concat(pieces)).toEqual(bytes);
  });

  it('takes a weak ETag for none', async () => {
    server.show({ bytes: Uint8Array.of(1), etag: 'W/"1"' });
    const opened = await createResultSource(rule).open(server.url);
    expect(opened.ok && opened.value.etag).toBeUndefined();
    if (opened.ok) opened.value.close();
  });

  it('does not wait for ever, neither for an answer nor for its bytes', async () => {
    const silent = createServer((request, response) => {
      if (request.url === '/body') response.writeHead(200, { 'content-length': 10 }).write('1');
    }).listen(0, '127.0.0.1');
    const address = await new Promise((resolve) => silent.once('listening', () => resolve(silent.address())));
    const base = `http://127.0.0.1:${(address as { port: number }).port}`;
    const hurried = createResultSource({ ...rule, headersMs: 50 });
    expect(await hurried.open(`${base}/head`)).toMatchObject({ ok: false, fault: { kind: 'unavailable' } });
    // an answer that does come may take its time on a busy machine
    const opened = await createResultSource({ ...rule, idleMs: 50 }).open(`${base}/body`);
    if (!opened.ok) throw new Error(opened.fault.kind);
    await expect(
      (async () => {
        for await (const _ of opened.value.body);
      })(),
    ).rejects.toThrow('no byte within');
    silent.closeAllConnections();
    silent.close();
  });

  it('ends at once when it is told to', async () => {
    const opened = await createResultSource(rule).open(server.url, { signal: AbortSignal.abort() });
    expect(opened).toMatchObject({ ok: false, fault: { kind: 'unavailable' } });
  });

  it('names no link in a fault', async () => {
    server.show({ bytes: new Uint8Array(), status: 500 });
    const faults = await Promise.all([
      createResultSource(rule).open(server.url),
      createResultSource(rule).open('http://127.0.0.1:1/x?sig=secret'),
    ]);
    expect(JSON.stringify(faults)).not.toContain('secret');
    expect(faults.map((opened) => opened.ok)).toEqual([false, false]);
  });
});
