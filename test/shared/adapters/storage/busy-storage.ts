import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * - `busy`: 503 `ServerBusy` without effect
 * - `busyForASecond`: the same with `Retry-After: 1`
 * - `timedOut`: 500 `OperationTimedOut` without effect
 * - `reset`: the connection breaks before the request has an effect
 * - `lostReply`: it breaks after
 */
export type Refusal = 'busy' | 'busyForASecond' | 'timedOut' | 'reset' | 'lostReply';

/** A storage that answers 503 `ServerBusy` for a while, or worse: Azurite itself never does. */
export interface BusyStorage {
  connectionString: string;
  /** The next so many requests are refused, 503 unless told otherwise. */
  refuse(times: number, how?: Refusal): void;
  /** How many were refused since it was last set. */
  refused(): number;
  close(): Promise<void>;
}

const answerOf = (code: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>Try again later.</Message></Error>`;

function refuse(how: Refusal, outgoing: ServerResponse): void {
  if (how === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const [status, code] = how === 'timedOut' ? [500, 'OperationTimedOut'] : [503, 'ServerBusy'];
  const retry: Record<string, string> = how === 'busyForASecond' ? { 'Retry-After': '1' } : {};
  const headers = { 'x-ms-error-code': code, 'Content-Type': 'application/xml', ...retry };
  outgoing.writeHead(status, headers).end(answerOf(code));
}

/** @param connectionString of the real one, whose services are addressed by port */
export async function busyStorage(connectionString: string): Promise<BusyStorage> {
  let left = 0;
  let refused = 0;
  let how: Refusal = 'busy';
  const servers: Server[] = [];
  const through = (port: number) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const refusal = left > 0 ? how : undefined;
    if (refusal) {
      left -= 1;
      refused += 1;
    }
    if (refusal && refusal !== 'lostReply') {
      incoming.resume();
      return refuse(refusal, outgoing);
    }
    const { method = 'GET', url: path, headers } = incoming;
    const real = forward({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      if (refusal === 'lostReply') {
        answer.resume();
        return refuse('reset', outgoing);
      }
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
    refuse: (times, as = 'busy') => {
      left = times;
      refused = 0;
      how = as;
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
