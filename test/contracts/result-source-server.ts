import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { MemoryResult } from '../../shared/adapters/results/memory-result-source.ts';

/** What a small server of results was asked, and what it shows. */
export interface ResultServer {
  url: string;
  requests: IncomingMessage[];
  show(result: MemoryResult & { headers?: Record<string, string>; status?: number }): void;
  close(): void;
}

/** Serves one result over HTTP on a free loopback port, with the faults of its description. */
export async function startResultServer(): Promise<ResultServer> {
  let shown: Parameters<ResultServer['show']>[0] = { bytes: new Uint8Array() };
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    void answer(shown, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/results/one?sig=secret`,
    requests,
    show: (result) => {
      shown = result;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const STATUS_OF = { linkRefused: 403, notFound: 404, changed: 412, unavailable: 503, hostNotAllowed: 500 } as const;

async function answer(
  result: Parameters<ResultServer['show']>[0],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const status = result.status ?? (result.fault && STATUS_OF[result.fault.kind]);
  if (status !== undefined) return end(response, status, result.headers);
  if (result.redirectTo !== undefined) return end(response, 302, { location: result.redirectTo });
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== result.etag) return end(response, 412);

  const ranges = result.ranges ?? true;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const from = ranges && asked !== undefined ? Number(asked) : undefined;
  const total = result.bytes.length;
  if (from !== undefined && from >= total) return end(response, 416);
  const announced = 'announcedBytes' in result ? result.announcedBytes : total;
  response.writeHead(from === undefined ? 200 : 206, {
    ...(ranges ? { 'accept-ranges': 'bytes' } : {}),
    ...(result.etag === undefined ? {} : { etag: result.etag }),
    ...(announced === undefined ? {} : { 'content-length': announced - (from ?? 0) }),
    ...(from === undefined ? {} : { 'content-range': `bytes ${from}-${total - 1}/${announced ?? '*'}` }),
    ...result.headers,
  });
  const start = from ?? 0;
  const breakAt = result.breaksAt?.filter((where) => where >= start).sort((a, b) => a - b)[0];
  result.breaksAt = result.breaksAt?.filter((where) => where !== breakAt) ?? [];
  await new Promise<void>((resolve) => {
    response.write(result.bytes.subarray(start, breakAt ?? total), () => resolve());
    if (start === (breakAt ?? total)) resolve();
  });
  if (breakAt === undefined && (announced ?? total) <= total) response.end();
  else response.destroy();
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}
