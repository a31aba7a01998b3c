import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Reply } from '../model/reply.ts';

/** One request, read; bodies are read on demand. */
export interface Exchange {
  method: string;
  /** Decoded; letter case as it came. */
  path: string;
  query: URLSearchParams;
  request: IncomingMessage;
}

/** More than the largest library file with its form around it, so that the refusal can be Defender's own. */
const LARGEST_BODY = 32 * 1024 * 1024;

/** @returns undefined where the address cannot be read */
export function readExchange(request: IncomingMessage): Exchange | undefined {
  try {
    const url = new URL(request.url ?? '', 'http://tenant.invalid');
    const path = decodeURIComponent(url.pathname);
    return { method: request.method ?? 'GET', path, query: url.searchParams, request };
  } catch {
    return undefined;
  }
}

/** Reads the body whole. @throws if it is larger than the tenant takes */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > LARGEST_BODY) throw new BodyTooLarge();
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

export class BodyTooLarge extends Error {}

/** @returns undefined where there is no body, or it is no JSON */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.lost !== undefined) {
    response.socket?.resetAndDestroy();
    return;
  }
  if (reply.delayMs !== undefined) await wait(reply.delayMs);
  if (reply.raw !== undefined) {
    response.writeHead(reply.status, reply.headers).end(reply.raw);
    return;
  }
  if (reply.body === undefined) {
    response.writeHead(reply.status, { ...reply.headers, 'Content-Length': '0' }).end();
    return;
  }
  sendJson(response, reply.status, reply.body, reply.headers);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'Content-Type': 'application/json; odata.metadata=minimal; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(text)),
      ...headers,
    })
    .end(text);
}
