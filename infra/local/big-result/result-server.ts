import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { seededBytes } from './seeded-bytes.ts';

export interface BigResultServer {
  link: string;
  /** First byte of every request, in order. */
  ranges: number[];
  close(): void;
}

/** Serves one seeded result on a free loopback port, with ranges and an ETag as a block blob has them. */
export async function startBigResultServer(seed: string, bytes: number): Promise<BigResultServer> {
  const etag = `"${seed}"`;
  const ranges: number[] = [];
  const server = createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    ranges.push(from);
    if ((request.headers['if-match'] ?? etag) !== etag) return response.writeHead(412).end();
    response.writeHead(from > 0 ? 206 : 200, {
      'accept-ranges': 'bytes',
      'content-length': bytes - from,
      etag,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` } : {}),
    });
    const body = Readable.from(seededBytes(seed, from, bytes));
    response.once('close', () => body.destroy());
    return body.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    link: `http://127.0.0.1:${address.port}/result`,
    ranges,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
