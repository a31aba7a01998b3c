import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDefenderClient } from '../../../../shared/adapters/defender/defender-client.ts';
import { fixedToken, type TokenSource } from '../../../../shared/adapters/defender/token-source.ts';
import type { Defender } from '../../../../shared/ports.ts';

export interface SeenCall {
  method: string;
  /** Path and query as they came. */
  url: string;
  authorization: string | undefined;
  contentType: string | undefined;
  body: unknown;
}

export interface DefenderServer {
  url: string;
  seen: SeenCall[];
  logged: string[];
  /** What the next calls get, in order; the last goes on. */
  answers(...answers: Answer[]): void;
  client(options?: { token?: TokenSource; timeoutMs?: number; baseUrl?: string }): Defender;
  close(): Promise<void>;
}

export type Answer =
  | { status?: number; json?: unknown; text?: string; headers?: Record<string, string> }
  | ((response: ServerResponse, request: IncomingMessage) => void);

export const NOW = Date.parse('2026-01-01T12:00:00Z');

/** A server on a free port of this machine that says what a test tells it to. */
export async function startDefenderServer(): Promise<DefenderServer> {
  const seen: SeenCall[] = [];
  const logged: string[] = [];
  let queue: Answer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization,
        contentType: request.headers['content-type'],
        body: text === '' ? undefined : JSON.parse(text),
      });
      const answer = queue.length > 1 ? queue.shift() : queue[0];
      if (typeof answer === 'function') return answer(response, request);
      const body = answer?.text ?? (answer?.json === undefined ? '' : JSON.stringify(answer.json));
      response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json', ...answer?.headers }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const note = (event: string, fields: unknown): void => void logged.push(JSON.stringify({ event, fields }));
  return {
    url,
    seen,
    logged,
    answers: (...answers) => {
      queue = answers;
      seen.length = 0;
      logged.length = 0;
    },
    client: (options = {}) =>
      createDefenderClient({
        baseUrl: options.baseUrl ?? url,
        token: options.token ?? fixedToken('the-token'),
        clock: { now: () => NOW },
        timeoutMs: options.timeoutMs ?? 5_000,
        log: { info: note, warn: note, error: note },
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
