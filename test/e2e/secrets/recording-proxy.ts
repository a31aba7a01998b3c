import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Exchange {
  readonly path: string;
  readonly sent: string;
  readonly answered: string;
}

/** Stands between the host and a service on this machine and keeps what passes. */
export interface RecordingProxy {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** @param target `http://127.0.0.1:<port>` */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const { hostname, port } = new URL(target);
  const exchanges: Exchange[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const sent = await buffer(incoming);
    const { method, url: path = '/', headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers }, async (answer) => {
      try {
        const answered = await buffer(answer);
        exchanges.push({ path, sent: sent.toString('utf8'), answered: answered.toString('utf8') });
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
      } catch {
        outgoing.destroy(); // cut off behind us: cut off before us
      }
    });
    forwarded.once('error', () => outgoing.destroy());
    forwarded.end(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
