import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** Stands where a playbook waits for its callback. */
export interface CallbackReceiver {
  /** An address that is answered with these status codes in turn, the last one for ever. */
  address(name: string, ...statuses: number[]): string;
  received(name: string): Received[];
  close(): Promise<void>;
}

export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const statuses = new Map<string, number[]>();
  const calls: Received[] = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '', 'http://receiver').pathname;
    const body = JSON.parse(await text(request)) as unknown;
    calls.push({ path, contentType: request.headers['content-type'], body });
    const [first = 404, ...others] = statuses.get(path) ?? [];
    if (others.length > 0) statuses.set(path, others);
    response.writeHead(first).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address(name, ...answers) {
      statuses.set(`/${name}`, answers);
      return `http://127.0.0.1:${port}/${name}?sig=callback-secret`;
    },
    received: (name) => calls.filter(({ path }) => path === `/${name}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
