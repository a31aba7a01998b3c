import { once } from 'node:events';
import { createServer } from 'node:net';

/** @returns the first port from `first` on that nobody listens on, on the loopback address */
export async function freePortFrom(first: number): Promise<number> {
  for (let port = first; port <= 65_535; port++) if (await isFree(port)) return port;
  throw new Error(`No free port from ${first} on`);
}

/** Systems give ports from 32768 on (Linux), or 49152, to everybody who asks for any: none of these is given by chance. */
const NEVER_GIVEN = { from: 20_000, count: 12_000 };

/** @returns a port on which nobody listens now; somebody else who wants this very one may take it before you do */
export const anyFreePort = (): Promise<number> =>
  freePortFrom(NEVER_GIVEN.from + Math.floor(Math.random() * NEVER_GIVEN.count));

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
