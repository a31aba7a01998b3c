import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CallbackReceiver {
  /** the address that a request names, one for each collection */
  urlFor(requestId: string): string;
  /** the bodies that came for a request, in their order */
  receivedFor(requestId: string): Record<string, unknown>[];
  close(): Promise<void>;
}

/** Takes every callback on a free port of this machine. */
export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const received: { path: string; body: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request)).toString('utf8');
    received.push({ path: request.url ?? '', body: JSON.parse(text) });
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pathOf = (requestId: string) => `/${encodeURIComponent(requestId)}`;
  return {
    urlFor: (requestId) => `http://127.0.0.1:${port}${pathOf(requestId)}`,
    receivedFor: (requestId) => received.filter(({ path }) => path === pathOf(requestId)).map(({ body }) => body),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
