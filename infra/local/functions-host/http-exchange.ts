import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpData, InvocationRequest, TypedData } from './functions-core.ts';

/** The Functions host refuses larger bodies itself; smaller limits are the app's. */
const MAX_BODY_BYTES = 100 * 1024 * 1024;

/** @returns undefined when the body is larger than the host takes; what follows is not read */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What the host passes to the app for one HTTP request. */
export function toInvocationRequest(
  binding: string,
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
  body: Buffer,
): InvocationRequest {
  const http: HttpData = {
    url: url.href,
    method: request.method ?? 'GET',
    nullableHeaders: nullable(headersOf(request)),
    nullableQuery: nullable(queryOf(url)),
    nullableParams: nullable(params),
    ...(body.length > 0 ? { body: { bytes: body } } : {}),
  };
  const traceParent = request.headers.traceparent;
  return {
    inputData: [{ name: binding, data: { http } }],
    triggerMetadata: {},
    ...(typeof traceParent === 'string' ? { traceContext: { traceParent, traceState: '', attributes: {} } } : {}),
  };
}

/** Writes what the app answered; an app that answered nothing gets 204, as in Azure. */
export function sendResponse(response: ServerResponse, answer: TypedData | null | undefined): void {
  const http = answer?.http;
  if (http === undefined) {
    response.writeHead(answer === null || answer === undefined ? 204 : 200).end();
    return;
  }
  response.statusCode = Number(http.statusCode ?? 200);
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  const cookies = (http.cookies ?? []).map(toSetCookie);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.end(bytesOf(http.body));
}

function bytesOf(body: TypedData | null | undefined): Uint8Array | string {
  return body?.bytes ?? body?.string ?? body?.json ?? '';
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
}

/** A parameter that is given twice arrives once, its values joined by a comma, as in Azure. */
function queryOf(url: URL): Record<string, string> {
  const names = [...new Set(url.searchParams.keys())];
  return Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name).join(',')]));
}

function nullable(values: Record<string, string>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** The library wraps what may be absent as `{ value }`. */
function toSetCookie(cookie: Record<string, unknown>): string {
  const part = (name: string, label: string) => {
    const wrapped = cookie[name];
    const value = typeof wrapped === 'object' && wrapped !== null && 'value' in wrapped ? wrapped.value : undefined;
    if (value === undefined || value === false || value === null) return '';
    if (value === true) return `; ${label}`;
    return `; ${label}=${value instanceof Date ? value.toUTCString() : value}`;
  };
  const sameSite = { lax: '; SameSite=Lax', strict: '; SameSite=Strict', explicitNone: '; SameSite=None' };
  const site = Object.entries(sameSite).find(([name]) => name === cookie.sameSite)?.[1] ?? '';
  const limits = part('maxAge', 'Max-Age') + part('domain', 'Domain') + part('path', 'Path');
  return `${cookie.name}=${encodeURIComponent(String(cookie.value))}${limits}${part('secure', 'Secure')}${part('httpOnly', 'HttpOnly')}${site}`;
}
