import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/local-system.ts';
import { buildFixtureApp } from './functions-host/fixture-host.ts';

let appPath: string;
let system: LocalSystem;

beforeAll(async () => {
  appPath = await buildFixtureApp();
  const env = { HOLDFAST_APP: appPath, FIXTURE_QUEUE: 'fixture', FIXTURE_SCHEDULE: '0 0 0 1 1 *' };
  system = await startLocalSystem({ env });
});
afterAll(async () => {
  await system.stop();
  await rm(dirname(appPath), { recursive: true });
});

const status = async (url: string) => (await fetch(url)).status;

describe('local system', () => {
  it('has a host and a simulated tenant that answer', async () => {
    expect(await status(`${system.hostUrl}/seen`)).toBe(200);
    expect(await status(`${system.tenantUrl}/simulator`)).toBe(200);
  });

  it('keeps the tenant and the storage while the host is killed and started again', async () => {
    const { pid } = system.host;
    await system.host.kill();
    await expect(fetch(`${system.hostUrl}/seen`)).rejects.toThrow();
    expect(await status(`${system.tenantUrl}/simulator`)).toBe(200);
    await system.host.restart();
    expect(system.host.pid).not.toBe(pid);
    expect(await status(`${system.hostUrl}/seen`)).toBe(200);
  });

  it('says what the host said when it does not start, and leaves nothing running', async () => {
    const starting = startLocalSystem({ env: { HOLDFAST_APP: appPath, FIXTURE_FAILS_TO_LOAD: 'yes' } });
    await expect(starting).rejects.toThrow('FIXTURE_FAILS_TO_LOAD is set');
  });

  it('ends all of it', async () => {
    await system.stop();
    await expect(fetch(`${system.hostUrl}/seen`)).rejects.toThrow();
    await expect(fetch(`${system.tenantUrl}/simulator`)).rejects.toThrow();
    await expect(fetch(system.blobUrl)).rejects.toThrow();
  });
});
