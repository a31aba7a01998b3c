import { exportSPKI, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CallerCheck, createCallerCheck } from '../../../../shared/adapters/identity/caller-tokens.ts';
import { newKey, type SigningKey, signed, startKeyServer } from './key-server.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const V1 = `https://sts.windows.net/${TENANT}/`;
const NOW = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number): number => NOW / 1_000 + seconds;

const GOOD: JWTPayload = {
  iss: V2,
  aud: CLIENT,
  tid: TENANT,
  exp: at(3_600),
  nbf: at(-60),
  oid: 'the-object',
  azp: 'the-app',
  roles: ['Collections.Read'],
};

const without = (...claims: string[]): JWTPayload =>
  Object.fromEntries(Object.entries(GOOD).filter(([claim]) => !claims.includes(claim)));

let server: Awaited<ReturnType<typeof startKeyServer>>;
let key: SigningKey;
let check: CallerCheck;

function newCheck(overrides: { audience?: string; issuers?: string[]; jwksUrl?: string } = {}): CallerCheck {
  return createCallerCheck({
    tenantId: TENANT,
    audience: CLIENT,
    issuers: [V2, V1],
    jwksUrl: server.url,
    clock: { now: () => NOW },
    keysCooldownMs: 0,
    keysTimeoutMs: 500,
    ...overrides,
  });
}

beforeAll(async () => {
  server = await startKeyServer();
  key = await newKey('k1');
});
beforeEach(() => {
  server.serve([key]);
  check = newCheck();
});
afterAll(() => server.close());

const bearer = async (claims: JWTPayload, by = key): Promise<string> => `Bearer ${await signed(by, claims)}`;

describe('a caller', () => {
  it('is known by object id and app roles', async () => {
    expect(await check(await bearer(GOOD))).toEqual({
      ok: true,
      caller: { id: 'the-object', name: 'the-object', roles: ['Collections.Read'] },
    });
  });

  it('has the name of a person where there is one', async () => {
    expect(await check(await bearer({ ...GOOD, preferred_username: 'ann@contoso.com' }))).toMatchObject({
      caller: { name: 'ann@contoso.com' },
    });
  });

  it('without object id is known by application', async () => {
    expect(await check(await bearer(without('oid')))).toMatchObject({ caller: { id: 'the-app' } });
  });

  it('without roles is known, but has no right', async () => {
    expect(await check(await bearer({ ...GOOD, roles: undefined, scp: 'Collections.Submit' }))).toMatchObject({
      ok: true,
      caller: { roles: [] },
    });
  });

  it('may come with a token of version 1', async () => {
    expect(await check(await bearer({ ...GOOD, iss: V1, aud: `api://${CLIENT}` }))).toMatchObject({ ok: true });
  });

  it('is of the tenant that the issuer stands for, where the token does not say', async () => {
    expect(await check(await bearer(without('tid')))).toMatchObject({ ok: true });
  });

  it('may have a clock that differs a little', async () => {
    expect(await check(await bearer({ ...GOOD, exp: at(-30) }))).toMatchObject({ ok: true });
    expect(await check(await bearer({ ...GOOD, nbf: at(30) }))).toMatchObject({ ok: true });
  });
});

describe('a token is refused', () => {
  it.each<[string, JWTPayload]>([
    ['of another issuer', { ...GOOD, iss: 'https://login.microsoftonline.com/other/v2.0' }],
    ['for another audience', { ...GOOD, aud: '00000000-0000-4000-8000-000000000000' }],
    ['of another tenant', { ...GOOD, tid: '00000000-0000-4000-8000-000000000000' }],
    ['that is not valid yet', { ...GOOD, nbf: at(300) }],
    ['without an end', without('exp')],
    ['without anybody in it', without('oid', 'azp')],
  ])('%s', async (_, claims) => {
    expect(await check(await bearer(claims))).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it('after its end', async () => {
    expect(await check(await bearer({ ...GOOD, exp: at(-121) }))).toMatchObject({ ok: false, reason: 'expired' });
  });

  it('without a signature', async () => {
    const token = new UnsecuredJWT(GOOD).encode();
    expect(await check(`Bearer ${token}`)).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it('signed with our public key as if it were a secret', async () => {
    const publicKey = await importJWK(key.publicJwk, 'RS256', { extractable: true });
    if (publicKey instanceof Uint8Array) throw new Error('not a public key');
    const token = await new SignJWT(GOOD)
      .setProtectedHeader({ alg: 'HS256', kid: key.kid })
      .sign(new TextEncoder().encode(await exportSPKI(publicKey)));
    expect(await check(`Bearer ${token}`)).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it('signed by somebody else under the name of a known key', async () => {
    const forger = { ...(await newKey('x')), kid: key.kid };
    expect(await check(await bearer(GOOD, forger))).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it('changed after signing', async () => {
    const [head, , signature] = (await signed(key, GOOD)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...GOOD, roles: ['Evidence.Read'] })).toString('base64url');
    expect(await check(`Bearer ${head}.${payload}.${signature}`)).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it.each([null, undefined, ''])('when there is none (%s)', async (header) => {
    expect(await check(header)).toMatchObject({ ok: false, reason: 'noToken' });
  });

  it.each(['Bearer', 'Bearer x', 'Basic abc', `Bearer a.b.c, Bearer d.e.f`, 'Bearer ....'])('as %s', async (header) => {
    expect(await check(header)).toMatchObject({ ok: false, reason: 'badToken' });
  });
});

describe('signing keys', () => {
  it('are fetched once for many tokens', async () => {
    const before = server.fetches();
    for (let n = 0; n < 5; n += 1) expect(await check(await bearer(GOOD))).toMatchObject({ ok: true });
    expect(server.fetches() - before).toBe(1);
  });

  it('are fetched again when a token names a new one', async () => {
    await check(await bearer(GOOD));
    const next = await newKey('k2', 'ES256');
    server.serve([key, next]);
    expect(await check(`Bearer ${await signed(next, GOOD, 'ES256')}`)).toMatchObject({ ok: true });
  });

  it('that nobody knows make a token bad, not the service', async () => {
    expect(await check(await bearer(GOOD, await newKey('k9')))).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it('that cannot be fetched are not held against the caller', async () => {
    server.serve('broken');
    expect(await check(await bearer(GOOD))).toMatchObject({ ok: false, reason: 'keysUnavailable' });
    const nowhere = newCheck({ jwksUrl: server.url.replace('/keys', ''), issuers: [V2] });
    server.serve([]);
    expect(await nowhere(await bearer(GOOD))).toMatchObject({ ok: false, reason: 'badToken' });
  });

  it('that nobody serves are not held against the caller', async () => {
    const gone = await startKeyServer();
    await gone.close();
    const lonely = newCheck({ jwksUrl: gone.url });
    expect(await lonely(await bearer(GOOD))).toMatchObject({ ok: false, reason: 'keysUnavailable' });
  });
});
