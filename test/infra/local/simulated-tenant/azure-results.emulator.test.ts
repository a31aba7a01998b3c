import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { linkOf, ranOn, type ServedForTest, serveTenant } from './served.ts';
import { anna } from './virtual-tenant.ts';

const BYTES = 20_000_000;

let tenant: ServedForTest;
afterEach(() => tenant.close());

/** The tenant's clock runs with the storage's own, because the storage judges when a link ends. */
const serve = (switches: object = {}) =>
  serveTenant({
    resultStorage: inject('resultConnectionString'),
    scenario: { devices: [anna({ commands: [{ bytes: BYTES }] })], switches: { timeScale: 1000, ...switches } },
    now: Date.now,
  });

const ended = () =>
  vi.waitUntil(async () => (await tenant.record(['actions'])).actions?.[0]?.status === 'Succeeded', { interval: 20 });

describe('results in a storage account', () => {
  it('lie behind a read-only link on one blob, and are the bytes that the record names', async () => {
    tenant = await serve();
    const actionId = await ranOn(tenant);
    await ended();
    const link = await linkOf(tenant, actionId);
    expect(new URL(link).searchParams.get('sp')).toBe('r');
    expect(new URL(link).searchParams.get('sr')).toBe('b');
    const body = Buffer.from(await (await fetch(link)).arrayBuffer());
    expect(gunzipSync(body)).toHaveLength(BYTES);
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect((await tenant.record(['results'])).results).toMatchObject([{ sha256, bytes: body.length }]);
    expect((await fetch(link, { method: 'DELETE' })).status).toBe(403);
  });

  it('are no longer to be had once the link has ended', async () => {
    tenant = await serve({ linkLifeMs: 0 });
    const actionId = await ranOn(tenant);
    await ended();
    expect((await fetch(await linkOf(tenant, actionId))).status).toBe(403);
  });

  it('can be served by the tenant itself all the same', async () => {
    tenant = await serve({ results: { backEnd: 'builtIn' } });
    const actionId = await ranOn(tenant);
    await ended();
    expect(await linkOf(tenant, actionId)).toContain(`${tenant.url}/results/`);
  });
});
