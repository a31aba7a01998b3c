import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { aSecret } from './guarded-system.ts';

/** What a receiver does with a callback; each of them tells its own address back to the caller. */
export type Manner = 'takes' | 'failsOnce' | 'refuses' | 'redirects';

export interface PryingCallbacks {
  /** an address of its own, secret in path and query */
  address(manner: Manner): { url: string; secrets: string[] };
  /** an address at which nobody listens */
  deadAddress(): { url: string; secrets: string[] };
  /** all that was received */
  readonly bodies: readonly string[];
  close(): Promise<void>;
}

export async function startPryingCallbacks(): Promise<PryingCallbacks> {
  const manners = new Map<string, Manner>();
  const bodies: string[] = [];
  const seen = new Set<string>();
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    const path = request.url ?? '';
    const status = statusOf(manners.get(path) ?? 'refuses', seen.has(path));
    seen.add(path);
    response.writeHead(status, { Location: `http://127.0.0.1:1${path}` }).end(`Refused: ${path}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const secretPath = () => {
    const secrets = [aSecret(), aSecret()];
    return { path: `/workflows/${secrets[0]}/run?sig=${secrets[1]}`, secrets };
  };
  return {
    bodies,
    address(manner) {
      const { path, secrets } = secretPath();
      manners.set(path, manner);
      return { url: `http://127.0.0.1:${port}${path}`, secrets };
    },
    deadAddress() {
      const { path, secrets } = secretPath();
      return { url: `http://127.0.0.1:1${path}`, secrets };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function statusOf(manner: Manner, again: boolean): number {
  if (manner === 'takes') return 204;
  if (manner === 'failsOnce') return again ? 204 : 500;
  return manner === 'redirects' ? 307 : 404;
}
