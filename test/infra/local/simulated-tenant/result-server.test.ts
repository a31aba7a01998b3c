import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { byteRange } from '../../../../infra/local/simulated-tenant/results/byte-range.ts';
import { linkOf, ranOn, type ServedForTest, serveTenant, TOKEN } from './served.ts';
import { anna, MINUTE } from './virtual-tenant.ts';

let tenant: ServedForTest;
let link: string;
beforeEach(async () => {
  tenant = await serveTenant({ scenario: { devices: [anna({ commands: [{ bytes: 100_000 }] })] } });
  link = await linkOf(tenant, await ranOn(tenant));
});
afterEach(() => tenant.close());

const switchTo = (results: object) => tenant.control('PATCH', '/switches', { results });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('the built-in server of results', () => {
  it('serves the bytes that the record names', async () => {
    const body = await bytesOf(await fetch(link));
    const { results } = await tenant.record(['results']);
    expect(results).toMatchObject([
      { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex'), linksGiven: 1, served: 1 },
    ]);
    expect(gunzipSync(body)).toHaveLength(100_000);
  });

  it('refuses a link after its 30 minutes, and one that was tampered with', async () => {
    expect((await fetch(link.replace('sig=', 'sig=A'))).status).toBe(403);
    expect((await fetch(link.replace(/se=[^&]*/, 'se=2099-01-01T00:00:00Z'))).status).toBe(403);
    tenant.advance(30 * MINUTE - 1000);
    expect((await fetch(link)).status).toBe(200);
    tenant.advance(1000);
    expect((await fetch(link)).status).toBe(403);
  });

  it('refuses a request that shows a token, and records it', async () => {
    expect((await fetch(link, { headers: TOKEN })).status).toBe(400);
    const { verdicts } = await tenant.record(['verdicts']);
    expect(verdicts?.tokensShownToResultServer).toHaveLength(1);
  });

  it('serves ranges, unless that is switched off', async () => {
    const whole = await bytesOf(await fetch(link));
    const part = await fetch(link, { headers: { Range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`]);
    expect(await bytesOf(part)).toEqual(whole.subarray(10, 20));
    expect((await fetch(link, { headers: { Range: `bytes=${whole.length}-` } })).status).toBe(416);
    await switchTo({ ranges: false });
    expect((await fetch(link, { headers: { Range: 'bytes=10-19' } })).status).toBe(200);
  });

  it('tells size and version for HEAD, and honours If-Match', async () => {
    const head = await fetch(link, { method: 'HEAD' });
    const ETag = head.headers.get('etag') ?? '';
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
    expect((await fetch(link, { headers: { 'If-Match': ETag } })).status).toBe(200);
    expect((await fetch(link, { headers: { 'If-Match': '"0x0"' } })).status).toBe(412);
  });

  it('changes its ETag with each request, where that is switched on', async () => {
    await switchTo({ etagChanges: true });
    const etag = async () => (await fetch(link, { method: 'HEAD' })).headers.get('etag');
    expect(await etag()).not.toBe(await etag());
  });

  it('is not there, then busy, then there, where that is switched on', async () => {
    await switchTo({ notFoundFirst: 1, unavailableFirst: 1 });
    const statuses = [];
    for (let request = 0; request < 3; request++) statuses.push((await fetch(link)).status);
    expect(statuses).toEqual([404, 503, 200]);
  });

  it('breaks off in the middle, where that is switched on', async () => {
    await switchTo({ truncateAfterBytes: 1000 });
    await expect(fetch(link).then(bytesOf)).rejects.toThrow();
  });

  it('is slow, where that is switched on', async () => {
    await switchTo({ bytesPerSecond: 500_000 });
    const began = performance.now();
    const body = await bytesOf(await fetch(link));
    expect(performance.now() - began).toBeGreaterThan((1000 * body.length) / 500_000 - 20);
  });

  it('serves another content from some request on, another type, or sends elsewhere, where that is switched on', async () => {
    await switchTo({ replacedFrom: 2, contentType: 'text/html' });
    const first = await fetch(link);
    const second = await fetch(link);
    expect(first.headers.get('content-type')).toBe('text/html');
    expect(first.headers.get('etag')).not.toBe(second.headers.get('etag'));
    expect(await second.text()).toBe('another content');
    await switchTo({ redirectTo: 'http://127.0.0.2:9/' });
    const moved = await fetch(link, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, `http://127.0.0.2:9${new URL(link).pathname}`]);
  });

  it.each([
    ['bytes=0-0', { from: 0, to: 1 }],
    ['bytes=5-', { from: 5, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=5-99', { from: 5, to: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=1-2,4-5', 'whole'],
    ['lines=1-2', 'whole'],
  ])('reads the range %s of ten bytes', (header, expected) => {
    expect(byteRange(header, 10)).toEqual(expected);
  });
});
