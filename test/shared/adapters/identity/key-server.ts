import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function newKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const signed = (key: SigningKey, claims: JWTPayload, alg = 'RS256'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, kid: key.kid, typ: 'JWT' }).sign(key.privateKey);

/** Serves signing keys on a free port of this machine. */
export async function startKeyServer(): Promise<{
  url: string;
  fetches: () => number;
  serve(keys: SigningKey[] | 'broken'): void;
  close(): Promise<void>;
}> {
  let served: SigningKey[] | 'broken' = [];
  let fetches = 0;
  const server = createServer((_, response) => {
    fetches += 1;
    if (served === 'broken') return response.writeHead(503).end('down');
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ keys: served.map(({ publicJwk }) => publicJwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    fetches: () => fetches,
    serve: (keys) => {
      served = keys;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
