import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProducedResult } from '../model/reading-actions.ts';
import { inMemory, type ResultContent } from '../model/result-content.ts';
import type { ResultSwitches } from '../model/switches.ts';
import type { BuiltInResults } from './built-in-results.ts';
import { byteRange } from './byte-range.ts';
import type { ResultLog } from './result-log.ts';

/** What the built-in server of results needs to know of its tenant. */
export interface ResultServing {
  store: BuiltInResults;
  log: ResultLog;
  switches: ResultSwitches;
  find(actionId: string, index: string): ProducedResult | undefined;
  now: number;
}

const RESULT_PATH = /^\/results\/([^/]+)\/([^/]+)$/;

/** Serves `/results/...` as a storage account would, with the faults that the switches ask for. */
export async function serveResult(request: IncomingMessage, response: ServerResponse, serving: ResultServing) {
  const url = new URL(request.url ?? '', 'http://tenant.invalid');
  const [, actionId = '', index = ''] = RESULT_PATH.exec(url.pathname) ?? [];
  const { log, switches } = serving;
  if (request.headers.authorization !== undefined) {
    log.authorizationSeen.push({ at: serving.now, actionId, index });
    return sendError(
      response,
      400,
      'InvalidAuthenticationInfo',
      'A link with a signature takes no Authorization header',
    );
  }
  if (!serving.store.admits(url.pathname, url.searchParams, serving.now)) {
    return sendError(response, 403, 'AuthenticationFailed', 'The signature does not fit, or its time is over');
  }
  const result = serving.find(actionId, index);
  if (result === undefined) return sendError(response, 404, 'BlobNotFound', 'The specified blob does not exist');
  const traffic = log.of({ actionId, index });
  traffic.requests++;
  if (traffic.requests <= switches.notFoundFirst) {
    return sendError(response, 404, 'BlobNotFound', 'The specified blob does not exist');
  }
  if (traffic.requests <= switches.notFoundFirst + switches.unavailableFirst) {
    return sendError(response, 503, 'ServerBusy', 'The server is busy');
  }
  if (switches.redirectTo !== undefined) {
    response.writeHead(302, { Location: switches.redirectTo.replace(/\/$/, '') + url.pathname }).end();
    return;
  }
  const replaced = switches.replacedFrom > 0 && traffic.requests >= switches.replacedFrom;
  const content = replaced ? inMemory(Buffer.from('another content')) : result.content;
  const version = `${replaced} ${switches.etagChanges ? traffic.requests : ''}`;
  const whole = await sendContent(request, response, content, etagOf(url.pathname, version), switches);
  if (whole) traffic.served++;
}

/** @returns whether the whole content was sent */
async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: ResultContent,
  etag: string,
  switches: ResultSwitches,
): Promise<boolean> {
  const headers: Record<string, string> = { 'Content-Type': switches.contentType, ETag: etag };
  if (switches.ranges) headers['Accept-Ranges'] = 'bytes';
  const { 'if-match': ifMatch } = request.headers;
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) {
    sendError(response, 412, 'ConditionNotMet', 'The condition specified using HTTP conditional header(s) is not met');
    return false;
  }
  const asked = request.headers['x-ms-range'] ?? request.headers.range;
  const range = switches.ranges && typeof asked === 'string' ? byteRange(asked, content.bytes) : 'whole';
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${content.bytes}` }).end();
    return false;
  }
  const { from, to } = range === 'whole' ? { from: 0, to: content.bytes } : range;
  if (range !== 'whole') headers['Content-Range'] = `bytes ${from}-${to - 1}/${content.bytes}`;
  response.writeHead(range === 'whole' ? 200 : 206, { ...headers, 'Content-Length': String(to - from) });
  if (request.method === 'HEAD') {
    response.end();
    return false;
  }
  return (await sendBytes(response, content, from, to, switches)) && range === 'whole';
}

async function sendBytes(
  response: ServerResponse,
  content: ResultContent,
  from: number,
  to: number,
  switches: ResultSwitches,
): Promise<boolean> {
  const end = switches.truncateAfterBytes > 0 ? Math.min(to, from + switches.truncateAfterBytes) : to;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let at = from;
  for (const chunk of content.chunks(from)) {
    for (const piece of piecesOf(chunk.subarray(0, end - at), switches.bytesPerSecond)) {
      if (gone.signal.aborted) return false;
      at += piece.length;
      if (!response.write(piece)) await drained(response);
      if (switches.bytesPerSecond > 0) await wait((1000 * piece.length) / switches.bytesPerSecond);
    }
    if (at >= end) break;
  }
  if (end < to) {
    response.destroy();
    return false;
  }
  response.end();
  return !gone.signal.aborted;
}

/** Chunks small enough to flow evenly at a slow pace: ten a second. */
function* piecesOf(chunk: Uint8Array, bytesPerSecond: number): Generator<Uint8Array> {
  const size = bytesPerSecond > 0 ? Math.max(1, Math.ceil(bytesPerSecond / 10)) : chunk.length;
  for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

function etagOf(path: string, version: string): string {
  return `"0x${createHash('sha256').update(`${path} ${version}`).digest('hex').slice(0, 15).toUpperCase()}"`;
}

/** An error as a storage account sends it. */
function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'Content-Type': 'application/xml', 'x-ms-error-code': code }).end(body);
}
