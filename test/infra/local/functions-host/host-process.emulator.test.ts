import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type HostProcess, startHostProcess } from '../../../../infra/local/host-process.ts';
import { buildFixtureApp, fixtureSettings, queueClient } from './fixture-host.ts';

const BOOTSTRAP = fileURLToPath(new URL('../../../../infra/local/bootstrap.mjs', import.meta.url));
const FASTER = { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.200' };

let appPath: string;
const hosts: HostProcess[] = [];

const environment = (env: Record<string, string>) => ({
  ...process.env,
  HOLDFAST_LOCAL_SETTINGS: 'ignore',
  HOLDFAST_APP: appPath,
  PORT: '0',
  ...FASTER,
  ...env,
});

async function startHost(env: Record<string, string>): Promise<HostProcess> {
  const host = await startHostProcess(environment(env), () => undefined);
  hosts.push(host);
  return host;
}

const ticks = async (host: HostProcess): Promise<{ at: number }[]> =>
  ((await (await fetch(`${host.url}/seen`)).json()) as { timer: { at: number }[] }).timer;

beforeAll(async () => {
  appPath = await buildFixtureApp();
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.kill()));
});

describe('host process', () => {
  it('runs a timer in one of two hosts, and in the other as soon as the first is killed', async () => {
    const { env, hostId } = fixtureSettings({ FIXTURE_SCHEDULE: '* * * * * *' });
    const shared = { ...env, AzureFunctionsWebHost__hostid: hostId };
    const first = await startHost(shared);
    await vi.waitFor(async () => expect((await ticks(first)).length).toBeGreaterThan(0), 8_000);
    const second = await startHost(shared);
    const before = (await ticks(first)).length;
    await vi.waitFor(async () => expect((await ticks(first)).length).toBeGreaterThan(before + 1), 8_000);
    expect(await ticks(second)).toEqual([]);
    await first.kill();
    await vi.waitFor(async () => expect((await ticks(second)).length).toBeGreaterThan(0), 10_000);
  });

  it('finishes what is running when it is asked to end, and then ends with 0', async () => {
    const { env, queueName } = fixtureSettings();
    const host = await startHost(env);
    await queueClient(queueName).sendMessage('slow');
    const answer = fetch(`${host.url}/slow?ms=800`);
    await vi.waitFor(async () => {
      const { queue } = (await (await fetch(`${host.url}/seen`)).json()) as { queue: unknown[] };
      expect(queue).toHaveLength(1);
    }, 5_000);
    expect(await host.stop()).toBe(0);
    expect(await (await answer).text()).toBe('done');
    expect((await queueClient(queueName).getProperties()).approximateMessagesCount).toBe(0);
  });

  it('starts again on the same port after it was killed', async () => {
    const host = await startHost(fixtureSettings().env);
    const { pid, url } = host;
    await host.kill();
    expect(host.ended).toBe('SIGKILL');
    await host.restart();
    expect(host.pid).not.toBe(pid);
    expect((await fetch(`${url}/seen`)).status).toBe(200);
  });

  it.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 when its process group, the bootstrap step included, gets %s',
    async (signal) => {
      const child = startScript(fixtureSettings().env);
      await readyUrl(child);
      process.kill(-(child.pid ?? 0), signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );

  it.skipIf(process.platform === 'win32')('ends when npm alone is asked to end', async () => {
    const env = { ...environment({}), ...fixtureSettings().env };
    const child = spawn('npm', ['run', 'host'], { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const url = await readyUrl(child);
    child.kill('SIGTERM');
    await expect.poll(() => fetch(`${url}/seen`).catch(() => 'gone'), { timeout: 5_000 }).toBe('gone');
  });

  it.each([
    ['AzureWebJobsStorage', { AzureWebJobsStorage: 'nonsense' }],
    ['AzureWebJobsStorage', { AzureWebJobsStorage: '' }],
    ['PORT', { PORT: '70 71' }],
    ['FIXTURE_SCHEDULE', { FIXTURE_SCHEDULE: undefined }],
    ['timer "tick"', { FIXTURE_SCHEDULE: 'every day' }],
    ['FIXTURE_FAILS_TO_LOAD', { FIXTURE_FAILS_TO_LOAD: 'yes' }],
  ])('ends with one line that names %s when it is wrong', async (name, wrong) => {
    const child = startScript({ ...fixtureSettings().env, ...wrong });
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(output).toContain(name);
    expect(output.trim().split('\n')).toHaveLength(1);
  });
});

function startScript(env: Record<string, string | undefined>): ChildProcess {
  return spawn(process.execPath, [BOOTSTRAP, 'host'], {
    detached: process.platform !== 'win32',
    env: { ...environment({}), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function readyUrl(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout?.setEncoding('utf8').iterator({ destroyOnReturn: false }) ?? []) {
    output += chunk;
    const url = /ready on (\S+)/.exec(output)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`Not ready: ${output}`);
}
