import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKey, type SigningKey, signed, startKeyServer } from '../shared/adapters/identity/key-server.ts';
import { HoldfastClient } from './client.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { fileFrom } from './requests.ts';

const ISSUER = 'https://login.example/tenant/v2.0';
const TENANT = '11111111-2222-4333-8444-555555555555';
const AUDIENCE = 'api://holdfast';
const NOBODY = '01900000-0000-7000-8000-000000000000';

let system: E2eSystem;
let keyServer: Awaited<ReturnType<typeof startKeyServer>>;
let key: SigningKey;
/** When the host last had reason to fetch the signing keys. */
let keysFetched: Promise<unknown>;

beforeAll(async () => {
  keyServer = await startKeyServer();
  key = await newKey('first');
  keyServer.serve([key]);
  system = await startE2eSystem({
    env: {
      AUTH_MODE: 'entra',
      ENTRA_TENANT_ID: TENANT,
      ENTRA_AUDIENCE: AUDIENCE,
      ENTRA_ISSUER: ISSUER,
      ENTRA_JWKS_URL: keyServer.url,
    },
    scenarioOf: { devices: [{ computerDnsName: 'ws01.contoso.com' }] },
  });
  keysFetched = (await callerWith('Operations.Read')).fetch('/capacity');
  await keysFetched;
});
afterAll(async () => {
  await system?.local.stop();
  await keyServer?.close();
});

const nowSeconds = () => Math.floor(Date.now() / 1_000);
const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  tid: TENANT,
  nbf: nowSeconds() - 60,
  exp: nowSeconds() + 3_600,
  oid: 'playbook-1',
  ...changes,
});
const bearing = (token: string) => new HoldfastClient(system.local.hostUrl, { Authorization: `Bearer ${token}` });

/** A caller whose token carries these app roles. */
const callerWith = async (roles: string | string[], oid = 'playbook-1', by = key) =>
  bearing(await signed(by, claims({ roles: [roles].flat(), oid })));

/** Every call of the contract that asks for a right, with the one it needs. What it is about need not exist. */
const CALLS = [
  ['POST', '/collections', 'Collections.Submit'],
  ['GET', '/collections', 'Collections.Read'],
  ['GET', `/collections/${NOBODY}`, 'Collections.Read'],
  ['GET', `/collections/${NOBODY}/tasks`, 'Collections.Read'],
  ['GET', `/collections/${NOBODY}/artifacts`, 'Collections.Read'],
  ['GET', `/operations/${NOBODY}`, 'Collections.Read'],
  ['POST', `/collections/${NOBODY}/cancel`, 'Collections.Cancel'],
  ['DELETE', `/collections/${NOBODY}`, 'Collections.Cancel'],
  ['DELETE', '/collections?requestId=none', 'Collections.Cancel'],
  ['GET', `/collections/${NOBODY}/artifacts/none/link`, 'Evidence.Read'],
  ['GET', `/collections/${NOBODY}/manifest`, 'Evidence.Read'],
  ['GET', `/collections/${NOBODY}/custody`, 'Evidence.Read'],
  ['GET', '/capacity', 'Operations.Read'],
] as const;
const ROLES = ['Collections.Submit', 'Collections.Read', 'Collections.Cancel', 'Evidence.Read', 'Operations.Read'];

describe.concurrent('a role', () => {
  it.each(ROLES)('%s opens exactly its calls', async (role) => {
    const caller = await callerWith(role);
    for (const [method, path, needed] of CALLS) {
      if (needed === role) {
        const { status } = await caller.fetch(path, { method });
        expect([method, path, status]).toEqual([method, path, expect.toSatisfy((s: number) => s !== 401 && s !== 403)]);
      } else {
        const error = await caller.refusal(403, path, { method });
        expect(error).toMatchObject({ code: 'Forbidden', target: needed, message: expect.stringContaining(needed) });
      }
    }
  });

  it('Collections.ReadWrite.All implies submit, read and cancel, and no more', async () => {
    const caller = await callerWith('Collections.ReadWrite.All');
    for (const [method, path, needed] of CALLS) {
      const { status } = await caller.fetch(path, { method });
      expect([path, status === 403]).toEqual([path, !needed.startsWith('Collections.')]);
    }
  });

  it('is not given by a delegated scope', async () => {
    const person = bearing(await signed(key, claims({ scp: 'Operations.Read Collections.Read' })));
    await person.refusal(403, '/capacity');
  });
});

describe.concurrent('a caller', () => {
  it('without a good token is not known, whatever the call', async () => {
    const stranger = await newKey('first');
    const good = claims({ roles: ROLES });
    const tokens = [
      '',
      'nonsense',
      await signed(key, { ...good, exp: nowSeconds() - 120 }),
      await signed(key, { ...good, nbf: nowSeconds() + 600 }),
      await signed(key, { ...good, aud: 'api://another' }),
      await signed(key, { ...good, iss: 'https://login.example/another/v2.0' }),
      await signed(key, { ...good, tid: '99999999-2222-4333-8444-555555555555' }),
      await signed(stranger, good),
    ];
    for (const token of tokens) expect((await bearing(token).refusal(401, '/capacity')).code).toBe('Unauthorized');
    const anonymous = new HoldfastClient(system.local.hostUrl);
    for (const [method, path] of CALLS.filter(([, path]) => !path.startsWith('/operations')))
      expect((await anonymous.refusal(401, path, { method })).code).toBe('Unauthorized');
  });

  it('needs no token for health and the contract itself', async () => {
    const anonymous = new HoldfastClient(system.local.hostUrl);
    for (const path of ['/health', '/openapi.json']) expect((await anonymous.fetch(path)).status).toBe(200);
  });

  it('is named in the collection and its manifest', async () => {
    const caller = await callerWith(['Collections.ReadWrite.All', 'Evidence.Read'], 'playbook-7');
    const collection = await caller.collect(fileFrom('ws01'), { 'x-ms-workflow-run-id': 'RUN-7' });
    expect(collection.requestedBy).toContain('playbook-7');
    const manifest = await (await caller.fetch(`/collections/${collection.collectionId}/manifest`)).json();
    expect(manifest).toMatchObject({ collection: { requestedBy: collection.requestedBy } });
  });

  it('has requestIds of its own', async () => {
    const request = { ...fileFrom('ghost'), requestId: 'the same' };
    const [one, other] = await Promise.all(
      ['caller-1', 'caller-2'].map((oid) => callerWith('Collections.ReadWrite.All', oid)),
    );
    const first = await one?.submit(request);
    expect((await one?.submit(request))?.collectionId).toBe(first?.collectionId);
    const second = await other?.submit({ ...request, comment: 'another body is no conflict' });
    expect(second?.collectionId).not.toBe(first?.collectionId);
  });

  it('may cancel by requestId only what itself asked for', async () => {
    const [owner, other] = await Promise.all([
      callerWith('Collections.ReadWrite.All', 'owner'),
      callerWith('Collections.ReadWrite.All', 'other'),
    ]);
    await owner.submit({ ...fileFrom('ghost'), requestId: 'mine' });
    await other.refusal(404, '/collections?requestId=mine', { method: 'DELETE' });
    await owner.accepted('/collections?requestId=mine', { method: 'DELETE' });
  });

  it('follows an operation by the token in its address, or with the right to read', async () => {
    const { location, collectionId } = await (await callerWith('Collections.Submit')).submit(fileFrom('ghost'));
    expect((await new HoldfastClient(system.local.hostUrl).ended(location)).id).toBe(collectionId);
    expect((await (await callerWith('Collections.Read')).fetch(`/operations/${collectionId}`)).status).toBe(200);
    await new HoldfastClient(system.local.hostUrl).refusal(404, `/operations/${collectionId}`);
  });
});

describe.concurrent('a new signing key', () => {
  it('is fetched when a token names it', async ({ expect }) => {
    await keysFetched;
    const next = await newKey('second');
    keyServer.serve([key, next]);
    const caller = await callerWith('Operations.Read', 'playbook-1', next);
    // an unknown key is looked for every few seconds only, so that forged tokens cannot make us hammer Entra
    await expect.poll(async () => (await caller.fetch('/capacity')).status, { timeout: 45_000 }).toBe(200);
    expect((await (await callerWith('Operations.Read')).fetch('/capacity')).status).toBe(200);
  });
});
