import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, RESULT_ACCOUNT, STATE_ACCOUNT, startAzurite } from '../../infra/local/azurite.ts';
import { anyFreePort } from '../../infra/local/free-port.ts';
import { HealthView } from '../../shared/contracts/service-views.ts';
import { asView } from './contract-views.ts';
import { runNpmScript, startNpmScript } from './npm-script.ts';

const GOOD = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  DEFENDER_API_URL: 'http://127.0.0.1:1',
  DEFENDER_ACCESS_TOKEN: 'secret-token',
  PORT: '0',
};
const ENTRA = { AUTH_MODE: 'entra', ENTRA_TENANT_ID: 'tenant', ENTRA_AUDIENCE: 'api://holdfast' };

// the first start after a change builds the bundle, which is not what these tests measure
beforeAll(() => runNpmScript('host', [], { env: { ...GOOD, PORT: 'none' }, withinMs: 60_000 }));

// One after the other: together they would measure how many processes this machine can start at once.
describe('npm run host', () => {
  it.each([
    ['AzureWebJobsStorage', { AzureWebJobsStorage: 'nonsense' }],
    ['AzureWebJobsStorage', { AzureWebJobsStorage: '' }],
    ['DEFENDER_API_URL', { DEFENDER_API_URL: 'http://api.security.microsoft.com' }],
    ['DEFENDER_ACCESS_TOKEN', { DEFENDER_API_URL: 'https://api.security.microsoft.com' }],
    ['DEFENDER_SUBMITS_PER_MINUTE', { DEFENDER_SUBMITS_PER_MINUTE: '0' }],
    ['DEFENDER_SESSIONS', { DEFENDER_SESSIONS: 'many' }],
    ['PROBATION_SECONDS', { PROBATION_SECONDS: '1.5' }],
    ['DISPATCH_SCHEDULE', { DISPATCH_SCHEDULE: 'every minute' }],
    ['EVIDENCE_CONTAINER', { EVIDENCE_CONTAINER: 'Not A Container' }],
    ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: 'holdfast' }],
    ['AUTH_MODE', { AUTH_MODE: 'none' }],
    ['ENTRA_AUDIENCE', { ...ENTRA, ENTRA_AUDIENCE: '' }],
    ['ENTRA_TENANT_ID', { ...ENTRA, ENTRA_TENANT_ID: '' }],
    ['PORT', { PORT: 'http' }],
  ])('ends within 10 s and names %s when it is wrong', async (name, wrong) => {
    const { exitCode, output } = await runNpmScript('host', [], { env: { ...GOOD, ...wrong }, withinMs: 10_000 });
    expect(exitCode, output).toBeGreaterThan(0);
    expect(output).toContain(name);
    expect(output).not.toContain('secret-token');
  });
});

describe('a host with a storage for evidence alone', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  const stored = (EvidenceStorage: string) => ({
    ...GOOD,
    AzureWebJobsStorage: azurite.connectionString(STATE_ACCOUNT),
    EvidenceStorage,
  });

  it('ends within 10 s and names EvidenceStorage when its key is wrong', async () => {
    const wrong = azurite
      .connectionString(RESULT_ACCOUNT)
      .replace(/AccountKey=[^;]+/, `AccountKey=${btoa('secret-key')}`);
    const { exitCode, output } = await runNpmScript('host', [], { env: stored(wrong), withinMs: 10_000 });
    expect(exitCode, output).toBeGreaterThan(0);
    expect(output).toContain('EvidenceStorage');
    expect(output).not.toContain(btoa('secret-key'));
  });

  it.each(['is away', 'gives no answer'])('is ready and takes requests in while that storage %s', async (what) => {
    const port = String(await anyFreePort());
    const silent = createServer();
    if (what === 'gives no answer') await once(silent.listen(0, '127.0.0.1'), 'listening');
    const address = silent.address() as AddressInfo | null;
    const host = startNpmScript('host', [], {
      ...stored(storageOn(address?.port ?? (await anyFreePort()))),
      PORT: port,
    });
    let said = '';
    host.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const api = `http://127.0.0.1:${port}/api`;
    try {
      await expect.poll(() => said, { timeout: 60_000 }).toContain('Holdfast is ready');
      const health = asView(HealthView, await (await fetch(`${api}/health`)).json());
      expect(health).toMatchObject({ status: 'ok', storage: 'ok', evidence: 'unavailable' });
      const wanted = { targets: [{ computerDnsName: 'ws1' }], commands: [{ type: 'GetFile', path: 'C:\\a.txt' }] };
      const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(wanted) };
      expect((await fetch(`${api}/collections`, request)).status).toBe(202);
    } finally {
      host.kill('SIGTERM');
      if (host.exitCode === null) await once(host, 'exit');
      silent.close();
    }
  });
});

describe.concurrent('a host whose state storage cannot be reached', () => {
  it('says so in its health with 503, tells no secret, and goes on trying', async ({ expect }) => {
    const port = String(await anyFreePort());
    const env = { ...GOOD, AzureWebJobsStorage: storageOn(await anyFreePort()), PORT: port };
    const host = startNpmScript('host', [], env);
    try {
      let text = '';
      const health = async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined);
        text = (await answer?.text()) ?? '';
        return answer?.status;
      };
      await expect.poll(health, { timeout: 60_000 }).toBe(503);
      expect(asView(HealthView, JSON.parse(text)).storage).toBe('unavailable');
      expect(text).not.toContain('secret');
      expect(host.exitCode).toBeNull();
    } finally {
      host.kill('SIGTERM');
      if (host.exitCode === null) await once(host, 'exit');
    }
  });
});

function storageOn(port: number): string {
  const services = ['Blob', 'Queue', 'Table'].map((name) => `${name}Endpoint=http://127.0.0.1:${port}/secret`);
  return ['DefaultEndpointsProtocol=http', 'AccountName=secret', `AccountKey=${btoa('secret')}`, ...services].join(';');
}

describe('npm run simulator', () => {
  it.each([
    ['PORT', { PORT: 'http' }],
    ['SIMULATOR_SCENARIO', { PORT: '0', SIMULATOR_SCENARIO: 'no-such-file.json' }],
  ])('ends within 10 s and names %s when it is wrong', async (name, wrong) => {
    const { exitCode, output } = await runNpmScript('simulator', [], { env: wrong, withinMs: 10_000 });
    expect(exitCode, output).toBeGreaterThan(0);
    expect(output).toContain(name);
  });
});
