import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CollectionPage } from '../../shared/contracts/collection-view.ts';
import { CapacityView, HealthView } from '../../shared/contracts/service-views.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

const PUBLIC = 'https://holdfast.contoso.com/evidence';
const LIMITS = { DEFENDER_SUBMITS_PER_MINUTE: '7', DEFENDER_SESSIONS: '4', DEFENDER_SESSIONS_RESERVED: '1' };

let system: E2eSystem;

beforeAll(async () => {
  system = await startE2eSystem({
    env: LIMITS,
    scenarioOf: {
      devices: ['a', 'b', 'c', 'd', 'e'].map((name) => ({
        computerDnsName: `asleep-${name}.contoso.com`,
        awake: 'never',
      })),
    },
  });
});
afterAll(() => system?.local.stop());

const capacity = async () => (await system.client.read(CapacityView, '/capacity')).body;
const OpenApi = z.looseObject({ openapi: z.string(), servers: z.array(z.object({ url: z.string() })) });

describe('capacity', () => {
  it('of an idle Holdfast is all of what the settings allow', async () => {
    const { submits, slots, calls, tasks, queueEmptyAt } = await capacity();
    expect(submits).toMatchObject({ perMinute: 7, left: 7 });
    expect(slots).toEqual({ limit: 4, reserved: 1, inUse: 0, free: 3 });
    for (const { perMinute, leftThisMinute } of calls) expect(leftThisMinute).toBeLessThanOrEqual(perMinute);
    expect(new Set(calls.map(({ endpoint }) => endpoint)).size).toBe(calls.length);
    expect(Object.values(tasks).reduce((sum, count) => sum + count, 0)).toBe(0);
    expect(queueEmptyAt).toBeNull();
  });

  it('under work says what is used, what waits and until when', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `asleep-${name}`);
    const { collectionId } = await system.client.submit(fileFrom(...names));
    await expect.poll(async () => (await capacity()).slots, { timeout: 30_000 }).toMatchObject({ inUse: 3, free: 0 });
    await expect
      .poll(async () => (await capacity()).tasks, { timeout: 30_000 })
      .toMatchObject({ queued: 2, pending: 3 });
    expect((await capacity()).submits.left).toBe(4);
    const emptyAt = async () => Date.parse((await capacity()).queueEmptyAt ?? '');
    await expect.poll(emptyAt, { timeout: 10_000 }).toBeGreaterThan(Date.now());
    const waitings = async () =>
      (await system.client.collection(collectionId)).tasks.flatMap((task) => task.waiting ?? []);
    // what is said of the queue may be some seconds old
    await expect.poll(waitings, { timeout: 10_000 }).toMatchObject([{ reason: 'NoSlot' }, { reason: 'NoSlot' }]);
    const waiting = await waitings();
    expect(waiting.map(({ queuePosition }) => queuePosition)).toEqual([1, 2]);
    for (const { estimatedStartAt } of waiting) expect(estimatedStartAt).not.toBeNull();
  });

  it('costs Defender no call, and neither does a status answer', async () => {
    const other = { commands: [{ type: 'GetFile', path: 'C:\\other.zip' }] };
    const { collectionId, location } = await system.client.submit({ ...fileFrom('asleep-a'), ...other });
    await system.client.until(collectionId, ({ tasks }) => tasks[0]?.machineId !== null);
    const ofOurs = async () => {
      const { callCounts = {} } = await system.tenant.record();
      // the poll of open actions goes on meanwhile
      return Object.entries(callCounts).filter(([endpoint]) => endpoint !== 'listMachineActions');
    };
    const before = await ofOurs();
    await Promise.all(Array.from({ length: 30 }, () => [capacity(), system.client.fetch(location)]).flat());
    expect(await ofOurs()).toEqual(before);
  });
});

describe('the limit of submits', () => {
  it('is what queued tasks wait for once their slots are free', async () => {
    const { url } = system.local.host;
    await system.local.host.restart({ DEFENDER_SUBMITS_PER_MINUTE: '3', DEFENDER_SESSIONS: '50' });
    const { value } = (await system.client.read(CollectionPage, `${url}/collections?state=running`)).body;
    const reasons = async () => {
      const { tasks } = await system.client.collection(value[0]?.collectionId ?? '');
      return tasks.flatMap(({ waiting }) => waiting?.reason ?? []);
    };
    await expect.poll(reasons, { timeout: 10_000 }).toEqual(['SubmitRate', 'SubmitRate']);
    expect((await capacity()).submits).toMatchObject({ left: 0, nextAt: expect.any(String) });
  });
});

describe('health', () => {
  it('is well, needs no key, and tells when the heartbeats were last heard', async () => {
    const health = async () => (await system.client.read(HealthView, '/health')).body;
    await expect.poll(async () => (await health()).oldestHeartbeat, { timeout: 30_000 }).not.toBeNull();
    expect(await health()).toMatchObject({ status: 'ok', storage: 'ok', defender: 'ok', poison: 0 });
    const { oldestHeartbeat, version } = await health();
    expect(Date.now() - Date.parse(oldestHeartbeat ?? '')).toBeLessThan(20_000);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('openapi.json', () => {
  it('is a valid OpenAPI 3.1 document that names this service', async () => {
    const { body } = await system.client.read(OpenApi, '/openapi.json');
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(body.servers).toEqual([{ url: system.local.hostUrl }]);
    await expect(SwaggerParser.validate(structuredClone(body) as never)).resolves.toBeDefined();
  });
});

describe('PUBLIC_BASE_URL', () => {
  it('is what the links in answers begin with', async () => {
    await system.local.host.restart({ PUBLIC_BASE_URL: PUBLIC });
    const request = { ...fileFrom('ghost'), caseId: 'PUBLIC' };
    for (let i = 0; i < 2; i++) {
      const answer = await system.client.fetch('/collections', { method: 'POST', body: request });
      expect(answer.headers.get('location')).toMatch(
        new RegExp(`^${RegExp.escape(PUBLIC)}/api/operations/[^/]+\\?op=`),
      );
      expect(answer.headers.get('operation-location')).toBe(answer.headers.get('location'));
    }
    const { body } = await system.client.read(CollectionPage, '/collections?caseId=PUBLIC&top=1');
    expect(body.nextLink?.startsWith(`${PUBLIC}/api/collections?`)).toBe(true);
    const { body: document } = await system.client.read(OpenApi, '/openapi.json');
    expect(document.servers).toEqual([{ url: `${PUBLIC}/api` }]);
  });
});
