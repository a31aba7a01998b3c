import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkOf, ranOn, type ServedForTest, serveTenant, TOKEN } from './served.ts';
import { ANNA, GET_FILE, PUT_FILE, request } from './virtual-tenant.ts';

let tenant: ServedForTest;
beforeEach(async () => {
  tenant = await serveTenant();
});
afterEach(() => tenant.close());

const codeIn = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;

describe('the wire', () => {
  it('takes paths in any letter case', async () => {
    const response = await tenant.post(`/API/Machines/${ANNA.toUpperCase()}/RunLiveResponse`, request());
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('refuses a body that is no JSON', async () => {
    const response = await fetch(`${tenant.url}/api/machines/${ANNA}/runliveresponse`, {
      method: 'POST',
      headers: TOKEN,
      body: '{',
    });
    expect([response.status, await codeIn(response)]).toEqual([400, 'InvalidRequestBody']);
  });

  it.each([
    ['GET', '/api/machineactions', 401],
    ['GET', '/api/nothing', 404],
    ['PUT', '/api/machineactions', 404],
  ])('answers %s %s without a token with %i', async (method, path, status) => {
    expect((await fetch(tenant.url + path, { method })).status).toBe(status);
  });

  it('answers 404 to an unknown path and 400 to an address that cannot be read', async () => {
    expect((await tenant.get('/api/nothing')).status).toBe(404);
    expect((await tenant.get('/api/%E0%A4%A')).status).toBe(400);
  });

  it('serves every read call', async () => {
    const actionId = await ranOn(tenant);
    const at = new Date(Date.now() - 60_000).toISOString();
    const paths = [
      '/api/machineactions',
      `/api/machineactions?${new URLSearchParams({ $filter: `id in ('${actionId}')`, $count: 'true' })}`,
      `/api/machineactions/${actionId}`,
      '/api/machines?$top=5',
      '/api/machines/anna',
      `/api/machines/findbyip(ip='10.0.0.4',timestamp=${at})`,
      '/api/machines/findbytag?tag=x&useStartsWithFilter=true',
      '/api/libraryfiles',
    ];
    const statuses = await Promise.all(paths.map(async (path) => (await tenant.get(path)).status));
    expect(statuses).toEqual(paths.map(() => 200));
  });

  it('says when to come back with 429', async () => {
    await tenant.control('PATCH', '/switches', { submitsPerMinute: 1 });
    await tenant.post(`/api/machines/${ANNA}/runliveresponse`, request());
    const response = await tenant.post(`/api/machines/${ANNA}/runliveresponse`, request());
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('uploads, lists and deletes library files', async () => {
    const upload = (field: string, override: string) => {
      const form = new FormData();
      form.set(field, new File(['hello'], 'a.ps1'));
      form.set('Description', 'd');
      form.set('OverrideIfExists', override);
      return fetch(`${tenant.url}/api/libraryfiles`, { method: 'POST', headers: TOKEN, body: form });
    };
    expect((await upload('file', 'false')).status).toBe(200);
    expect((await upload('File', 'false')).status).toBe(400);
    expect((await upload('file', 'true')).status).toBe(200);
    expect((await tenant.post('/api/libraryfiles', {})).status).toBe(400);
    const remove = () => fetch(`${tenant.url}/api/libraryfiles/a.ps1`, { method: 'DELETE', headers: TOKEN });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
  });

  it('gives the link of an investigation package in quotes', async () => {
    const started = await tenant.post(`/api/machines/${ANNA}/collectInvestigationPackage`, { Comment: 'why' });
    const { id } = (await started.json()) as { id: string };
    expect((await tenant.get(`/api/machineactions/${id}/getPackageUri`)).status).toBe(404);
    tenant.advance(60_000);
    const response = await tenant.get(`/api/machineactions/${id}/GetPackageUri`);
    const { value } = (await response.json()) as { value: string };
    expect(value).toMatch(/^"http.*"$/);
    expect((await fetch(value.slice(1, -1))).status).toBe(200);
  });

  it('breaks the connection where a reply is to be lost, though the submit took effect', async () => {
    await tenant.control('POST', '/faults', { endpoint: 'runLiveResponse', fault: { kind: 'loseReply' } });
    await expect(tenant.post(`/api/machines/${ANNA}/runliveresponse`, request())).rejects.toThrow();
    expect(await (await tenant.get('/api/machineactions')).json()).toMatchObject({
      value: [{ requestorComment: 'attempt-1' }],
    });
  });

  it.each([
    [{ kind: 'emptyBody' }, 200, ''],
    [{ kind: 'error', status: 500 }, 500, ''],
    [{ kind: 'garbledBody' }, 200, '<html>'],
  ])('sends what the fault %j says', async (fault, status, text) => {
    await tenant.control('POST', '/faults', { endpoint: 'listMachineActions', fault });
    const response = await tenant.get('/api/machineactions');
    expect(response.status).toBe(status);
    expect((await response.text()).startsWith(text)).toBe(true);
  });

  it('gives a new link each time, and none for PutFile', async () => {
    const actionId = await ranOn(tenant, PUT_FILE, GET_FILE);
    expect(await linkOf(tenant, actionId, 1)).not.toBe(await linkOf(tenant, actionId, 1));
    expect(await linkOf(tenant, actionId, 0)).toBeUndefined();
  });
});

describe('a token', () => {
  const signIn = (form: Record<string, string>) =>
    fetch(`${tenant.url}/contoso/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
  const good = { grant_type: 'client_credentials', client_id: 'app', client_secret: 's', scope: 'x/.default' };

  it('is issued for client credentials, and ends', async () => {
    const { access_token, expires_in } = (await (await signIn(good)).json()) as Record<string, string>;
    const call = () => fetch(`${tenant.url}/api/machines`, { headers: { Authorization: `Bearer ${access_token}` } });
    expect(expires_in).toBe(3600);
    expect((await call()).status).toBe(200);
    tenant.advance(3_600_000);
    const late = await call();
    expect([late.status, await codeIn(late)]).toEqual([401, 'Unauthorized']);
  });

  it('is refused without a client or for another grant', async () => {
    expect((await signIn({ ...good, client_id: '' })).status).toBe(401);
    expect((await signIn({ ...good, grant_type: 'password' })).status).toBe(400);
  });

  it('is issued for a managed identity, and can be ended early', async () => {
    const response = await fetch(`${tenant.url}/msi/token?resource=https://api.securitycenter.microsoft.com`);
    const { access_token } = (await response.json()) as { access_token: string };
    const call = () => fetch(`${tenant.url}/api/machines`, { headers: { Authorization: `Bearer ${access_token}` } });
    expect((await call()).status).toBe(200);
    await tenant.control('POST', '/tokens/expire');
    expect((await call()).status).toBe(401);
  });
});
