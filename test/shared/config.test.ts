import { describe, expect, it } from 'vitest';
import { readConfig, SETTINGS, SettingsError } from '../../shared/config.ts';

const STORAGE = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
const LOOPBACK = { ...STORAGE, DEFENDER_API_URL: 'http://127.0.0.1:7072' };

/** The names of the settings that stop the start. */
function refused(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ setting }) => setting);
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('have the documented defaults where only the storage is set', () => {
    expect(readConfig(STORAGE)).toEqual({
      tenantId: 'default',
      storage: { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
      evidence: {
        container: 'evidence',
        storage: { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
      },
      defender: {
        apiUrl: 'https://api.security.microsoft.com',
        tokenScope: 'https://api.securitycenter.microsoft.com/.default',
        submitsPerMinute: 10,
        callsPerMinute: 100,
        callsPerHour: 1500,
        sessions: 25,
        sessionsMost: 25,
        sessionsReserved: 2,
      },
      probationMs: 240_000,
      pollMinMs: 5_000,
      retentionMs: 90 * 86_400_000,
      reuseMs: 0,
      schedules: { dispatch: '0 * * * * *', poll: '30 * * * * *', housekeeping: '0 17 3 * * *' },
      resultLinkHosts: ['.blob.core.windows.net', '.blob.core.usgovcloudapi.net', '.endpoint.security.microsoft.com'],
      callbackHosts: ['.logic.azure.com', '.azure-api.net', '.azurewebsites.net'],
      loopbackAllowed: false,
      auth: { mode: 'key' },
      identity: {},
    });
  });

  it('count as unset when empty', () => {
    const empty = Object.fromEntries(SETTINGS.map(({ name }) => [name, ' ']));
    expect(readConfig({ ...empty, ...STORAGE })).toEqual(readConfig(STORAGE));
  });

  it('are all named together when bad, with what to do', () => {
    const env = { DEFENDER_API_URL: 'ftp://x', POLL_MIN_SECONDS: '0', AUTH_MODE: 'open', EVIDENCE_CONTAINER: 'A' };
    expect(refused(env).toSorted()).toEqual([
      'AUTH_MODE',
      'AzureWebJobsStorage',
      'DEFENDER_API_URL',
      'EVIDENCE_CONTAINER',
      'POLL_MIN_SECONDS',
    ]);
    expect(() => readConfig(env)).toThrow('POLL_MIN_SECONDS: write a whole number, at least 1');
  });

  it('never show a value in the message', () => {
    const env = Object.fromEntries(SETTINGS.map(({ name }) => [name, 'hunter2 \u0001*']));
    expect(refused(env).length).toBeGreaterThan(20);
    expect(() => readConfig(env)).toThrow(/^(?![\s\S]*hunter2)/);
  });
});

describe('numbers', () => {
  const names = SETTINGS.filter(({ name }) => /PER_MINUTE|PER_HOUR|SESSIONS|SECONDS/.test(name)).map(
    ({ name }) => name,
  );

  it.each(names)('%s must be whole', (name) => {
    for (const bad of ['-1', '1.5', '1e3', 'ten', '0x10', '']) {
      expect(refused({ ...STORAGE, [name]: bad })).toEqual(bad === '' ? [] : [name]);
    }
  });

  it.each(
    names.filter(
      (name) => !['DEFENDER_SESSIONS_RESERVED', 'DEFENDER_SESSIONS_MOST', 'REUSE_EVIDENCE_SECONDS'].includes(name),
    ),
  )('%s must be at least 1', (name) => {
    expect(refused({ ...STORAGE, [name]: '0' })).toEqual([name]);
    expect(refused({ ...STORAGE, [name]: '1' })).toEqual([]);
  });

  it('may lie above the documented limits of Defender', () => {
    const { defender } = readConfig({ ...STORAGE, DEFENDER_SESSIONS: '500', DEFENDER_SUBMITS_PER_MINUTE: '1000' });
    expect(defender).toMatchObject({ sessions: 500, submitsPerMinute: 1000 });
  });

  it('let no more sessions be tried than are configured, unless told up to how many', () => {
    const defender = (most?: string) => ({
      ...STORAGE,
      DEFENDER_SESSIONS: '20',
      ...(most === undefined ? {} : { DEFENDER_SESSIONS_MOST: most }),
    });
    expect(readConfig(defender()).defender.sessionsMost).toBe(20);
    expect(readConfig(defender('50')).defender.sessionsMost).toBe(50);
    expect(refused(defender('19'))).toEqual(['DEFENDER_SESSIONS_MOST']);
    expect(refused(defender('0'))).toEqual(['DEFENDER_SESSIONS_MOST']);
  });

  it('leave at least one session to Holdfast', () => {
    const sessions = (n: string, reserved?: string): Record<string, string> => ({
      ...STORAGE,
      DEFENDER_SESSIONS: n,
      ...(reserved === undefined ? {} : { DEFENDER_SESSIONS_RESERVED: reserved }),
    });
    expect(readConfig(sessions('3', '0')).defender.sessionsReserved).toBe(0);
    expect(refused(sessions('3', '3'))).toEqual(['DEFENDER_SESSIONS_RESERVED']);
    // the default gives way
    expect(readConfig(sessions('1')).defender.sessionsReserved).toBe(0);
  });
});

describe('addresses', () => {
  it('use https, or http to this machine alone', () => {
    for (const url of ['https://api-gov.securitycenter.microsoft.us/', 'http://localhost:1', 'http://[::1]:1']) {
      expect(readConfig({ ...STORAGE, DEFENDER_API_URL: url }).defender.apiUrl).toBe(url.replace(/\/$/, ''));
    }
    for (const url of [
      'http://api.security.microsoft.com',
      'api.security.microsoft.com',
      'https://a:b@c.de',
      'https://c.de?x',
    ]) {
      expect(refused({ ...STORAGE, DEFENDER_API_URL: url })).toEqual(['DEFENDER_API_URL']);
    }
  });

  it('take a fixed token only for a Defender on this machine', () => {
    expect(readConfig({ ...LOOPBACK, DEFENDER_ACCESS_TOKEN: 't' }).defender.accessToken).toBe('t');
    for (const url of [
      'https://api.security.microsoft.com',
      'https://127.0.0.1.evil.com',
      'https://localhost.evil.com',
    ]) {
      expect(refused({ ...STORAGE, DEFENDER_API_URL: url, DEFENDER_ACCESS_TOKEN: 't' })).toEqual([
        'DEFENDER_ACCESS_TOKEN',
      ]);
    }
  });

  it('of results and callbacks are suffixes or whole hosts', () => {
    const { callbackHosts } = readConfig({ ...STORAGE, CALLBACK_HOSTS: ' .Logic.azure.com, soar.contoso.com ' });
    expect(callbackHosts).toEqual(['.logic.azure.com', 'soar.contoso.com']);
    for (const bad of ['.com', '*.contoso.com', 'https://contoso.com', 'contoso.com:443', 'a/b', ',']) {
      expect(refused({ ...STORAGE, CALLBACK_HOSTS: bad })).toEqual(['CALLBACK_HOSTS']);
      expect(refused({ ...STORAGE, RESULT_LINK_HOSTS: bad })).toEqual(['RESULT_LINK_HOSTS']);
    }
  });

  it('of results and callbacks may be this machine only when Defender is', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      expect(refused({ ...STORAGE, RESULT_LINK_HOSTS: host, CALLBACK_HOSTS: host })).toEqual([
        'RESULT_LINK_HOSTS',
        'CALLBACK_HOSTS',
      ]);
      expect(readConfig({ ...LOOPBACK, RESULT_LINK_HOSTS: host })).toMatchObject({ loopbackAllowed: true });
    }
  });

  it('honour a checkpoint to stop at only when Defender is on this machine', () => {
    expect(readConfig({ ...LOOPBACK, HOLDFAST_KILL_AT: 'after-submit' }).killAt).toBe('after-submit');
    expect(readConfig({ ...STORAGE, HOLDFAST_KILL_AT: 'after-submit' }).killAt).toBeUndefined();
  });
});

describe('storage', () => {
  it('is reached by identity with an account name', () => {
    const { storage } = readConfig({
      AzureWebJobsStorage__accountName: 'stholdfast',
      AZURE_CLIENT_ID: '6e8c7b9a-0000-4000-8000-000000000000',
    });
    expect(storage).toEqual({
      kind: 'identity',
      blobServiceUri: 'https://stholdfast.blob.core.windows.net',
      queueServiceUri: 'https://stholdfast.queue.core.windows.net',
      tableServiceUri: 'https://stholdfast.table.core.windows.net',
      clientId: '6e8c7b9a-0000-4000-8000-000000000000',
    });
  });

  it('follows the sign-in host of a government cloud', () => {
    const env = {
      AzureWebJobsStorage__accountName: 'stholdfast',
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us',
    };
    expect(readConfig(env).evidence.storage).toMatchObject({
      blobServiceUri: 'https://stholdfast.blob.core.usgovcloudapi.net',
    });
  });

  it('needs all three services', () => {
    expect(refused({ AzureWebJobsStorage__blobServiceUri: 'https://s.blob.core.windows.net' })).toEqual([
      'AzureWebJobsStorage__queueServiceUri',
      'AzureWebJobsStorage__tableServiceUri',
    ]);
  });

  it('of evidence may differ from that of the state', () => {
    const { evidence } = readConfig({
      ...STORAGE,
      EvidenceStorage__blobServiceUri: 'https://ev.blob.core.windows.net/',
      EvidenceStorage__credential: 'managedidentity',
      EvidenceStorage__clientId: 'abc',
    });
    expect(evidence.storage).toEqual({
      kind: 'identity',
      blobServiceUri: 'https://ev.blob.core.windows.net',
      clientId: 'abc',
    });
  });

  it('is named when its connection string cannot work', () => {
    const key = 'AccountName=a;AccountKey=c2VjcmV0';
    expect(refused({ AzureWebJobsStorage: 'nonsense' })).toEqual(['AzureWebJobsStorage']);
    expect(refused({ AzureWebJobsStorage: `${key};BlobEndpoint=http://evil.example/a` })).toEqual([
      'AzureWebJobsStorage',
    ]);
    expect(refused({ AzureWebJobsStorage: `DefaultEndpointsProtocol=http;${key}` })).toEqual(['AzureWebJobsStorage']);
    expect(
      refused({ AzureWebJobsStorage: `DefaultEndpointsProtocol=http;${key};BlobEndpoint=http://127.0.0.1:10000/a;` }),
    ).toEqual([]);
    expect(refused({ ...STORAGE, EvidenceStorage: 'AccountName=a' })).toEqual(['EvidenceStorage']);
  });
});

describe('schedules', () => {
  it.each(['0 * * * * *', '*/15 * * * * *', '0 0,30 8-18/2 1-7 JAN-jun MON-FRI'])('take %s', (text) => {
    expect(refused({ ...STORAGE, POLL_SCHEDULE: text, DISPATCH_SCHEDULE: text })).toEqual([]);
  });

  it.each([
    '* * * * *',
    '0 60 * * * *',
    '0 5-1 * * * *',
    '0 */0 * * * *',
    '0 * * * 13 *',
    'every minute',
    '0 1- * * * *',
  ])('refuse %s', (text) => {
    expect(refused({ ...STORAGE, POLL_SCHEDULE: text, DISPATCH_SCHEDULE: text })).toEqual([
      'DISPATCH_SCHEDULE',
      'POLL_SCHEDULE',
    ]);
  });
});

describe('callers', () => {
  const tenantId = '11111111-2222-4333-8444-555555555555';
  const entra = { ...STORAGE, AUTH_MODE: 'entra', ENTRA_TENANT_ID: tenantId, ENTRA_AUDIENCE: 'api://holdfast' };

  it('are checked with issuer and keys of the tenant', () => {
    expect(readConfig(entra).auth).toEqual({
      mode: 'entra',
      tenantId,
      audience: 'api://holdfast',
      issuers: [`https://login.microsoftonline.com/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`],
      jwksUrl: `https://login.microsoftonline.com/${tenantId}/discovery/v2.0/keys`,
    });
  });

  it('are checked with the issuer and keys that are set', () => {
    const { auth } = readConfig({
      ...entra,
      ENTRA_ISSUER: 'https://i.example/',
      ENTRA_JWKS_URL: 'http://127.0.0.1:9/k',
    });
    expect(auth).toMatchObject({ issuers: ['https://i.example/'], jwksUrl: 'http://127.0.0.1:9/k' });
  });

  it('are never let in by half a set of settings', () => {
    expect(refused({ ...STORAGE, AUTH_MODE: 'entra' })).toEqual(['ENTRA_TENANT_ID', 'ENTRA_AUDIENCE']);
    expect(refused({ ...entra, AUTH_MODE: '' })).toEqual(['AUTH_MODE']);
    expect(refused({ ...entra, ENTRA_TENANT_ID: 'common' })).toEqual(['ENTRA_TENANT_ID']);
    expect(refused({ ...entra, ENTRA_JWKS_URL: 'http://keys.example' })).toEqual(['ENTRA_JWKS_URL']);
  });
});
