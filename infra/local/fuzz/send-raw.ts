import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { OddRequest } from './odd-requests.ts';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

const ANSWER_WITHIN_MS = 60_000;

/** Sends a request as it is: `fetch` would put its address right first. @throws Error when no answer comes */
export function sendRaw(
  baseUrl: string,
  { method, path, headers, body }: OddRequest,
  agent: Agent,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl);
  // said for every method: Node would send the body of a GET without any length
  const framed = body === undefined ? headers : { ...headers, 'Content-Length': String(body.length) };
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const sent = request(
    { hostname, port, method, path, headers: framed, agent, timeout: ANSWER_WITHIN_MS },
    async (response) => {
      try {
        const text = Buffer.concat(await Array.fromAsync(response)).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      } catch (error) {
        reject(error);
      }
    },
  );
  sent.once('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)));
  sent.once('error', reject);
  sent.end(body);
  return promise;
}
