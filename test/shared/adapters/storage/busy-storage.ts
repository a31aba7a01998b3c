import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A storage that answers 503 `ServerBusy` for a while: Azurite itself never does. */
export interface BusyStorage {
  connectionString: string;
  /** The next so many requests are refused, without effect. */
  refuse(times: number): void;
  /** How many were refused since it was last set. */
  refused(): number;
  close(): Promise<void>;
}

const BUSY =
  '<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code><Message>The server is busy.</Message></Error>';

/** @param connectionString of the real one, whose services are addressed by port */
export async function busyStorage(connectionString: string): Promise<BusyStorage> {
  let left = 0;
  let refused = 0;
  const servers: Server[] = [];
  const through = (port: number) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (left > 0) {
      left -= 1;
      refused += 1;
      incoming.resume();
      outgoing.writeHead(503, { 'x-ms-error-code': 'ServerBusy', 'Content-Type': 'application/xml' }).end(BUSY);
      return;
    }
    const { method = 'GET', url: path, headers } = incoming;
    const real = forward({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(real);
  };
  let proxied = connectionString;
  for (const [, port = ''] of connectionString.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
    const server = createServer(through(Number(port))).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    proxied = proxied.replace(`:${port}/`, `:${(server.address() as AddressInfo).port}/`);
  }
  return {
    connectionString: proxied,
    refuse: (times) => {
      left = times;
      refused = 0;
    },
    refused: () => refused,
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}
