import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { InvocationResponse, RegisteredFunction } from './functions-core.ts';
import { readBody, sendResponse, toInvocationRequest } from './http-exchange.ts';
import type { Invoker } from './invoker.ts';
import { type Route, routeTable } from './route-table.ts';
import { StartError } from './start-error.ts';
import { triggerOf } from './triggers.ts';

export interface HttpListener {
  port: number;
  /** takes no new requests; those that are being answered go on */
  stopTaking(): void;
  close(): Promise<void>;
}

type WriteOutputs = (fn: RegisteredFunction, response: InvocationResponse) => Promise<void>;

/** Serves the HTTP functions on 127.0.0.1. Like Core Tools it asks for no function key. */
export async function startHttpListener(
  functions: RegisteredFunction[],
  routePrefix: string,
  port: number,
  invoker: Invoker,
  writeOutputs: WriteOutputs,
): Promise<HttpListener> {
  const match = routeTable(routePrefix, functions.map(toRoute));
  let taking = true;
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    if (!taking) response.shouldKeepAlive = false;
    const url = urlOf(request);
    const found = url === undefined ? undefined : match(request.method ?? '', url.pathname);
    if (url === undefined) refuse(request, response, 400);
    else if (!taking) refuse(request, response, 503);
    else if (found === undefined) refuse(request, response, 404);
    else void answer(request, response, url, found.target, found.params, { invoker, writeOutputs });
  });
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stopTaking() {
      taking = false;
      server.close();
      server.closeIdleConnections();
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  fn: RegisteredFunction,
  params: Record<string, string>,
  { invoker, writeOutputs }: { invoker: Invoker; writeOutputs: WriteOutputs },
): Promise<void> {
  try {
    const body = await readBody(request);
    if (body === undefined) return refuse(request, response, 413);
    const invocation = toInvocationRequest(triggerOf(fn).bindingName, request, url, params, body);
    const answered = await invoker.invoke(fn, invocation);
    await writeOutputs(fn, answered);
    sendResponse(response, answered.returnValue);
  } catch {
    // the invoker has logged it, or the caller went away; either way nobody is told more than this
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

/** The Functions host's own refusals have no body. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  if (status === 413) response.shouldKeepAlive = false;
  response.writeHead(status, { 'content-length': 0 }).end();
  request.resume();
}

function toRoute(fn: RegisteredFunction): Route<RegisteredFunction> {
  const { options } = triggerOf(fn);
  const methods = Array.isArray(options.methods) ? options.methods.map(String) : ['GET', 'POST'];
  const template = typeof options.route === 'string' ? options.route : fn.metadata.name;
  return { template, methods, target: fn };
}

function urlOf(request: IncomingMessage): URL | undefined {
  const text = `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

async function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error) =>
    reject(new StartError(`PORT: cannot listen on 127.0.0.1:${port}: ${error.message}`, error)),
  );
  server.listen(port, '127.0.0.1', resolve);
  await promise;
}
