import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { InvocationResponse, RegisteredFunction } from './functions-core.ts';
import { readBody, sendResponse, toInvocationRequest } from './http-exchange.ts';
import { InvocationFailed, type Invoker } from './invoker.ts';
import { describeError, type Log } from './log.ts';
import { type Route, type RouteMatch, routeTable } from './route-table.ts';
import { StartError } from './start-error.ts';
import { triggerOf } from './triggers.ts';

export interface HttpListener {
  port: number;
  /** takes no new requests; those that are being answered go on */
  stopTaking(): void;
  /** resolves when every answer has been sent */
  idle(): Promise<void>;
  /** cuts off what is still open */
  close(): Promise<void>;
}

export interface HttpListenerOptions {
  functions: RegisteredFunction[];
  routePrefix: string;
  /** 0: any free port */
  port: number;
  invoker: Invoker;
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse): Promise<void>;
  log: Log;
}

/**
 * Serves the HTTP functions on 127.0.0.1. Like Core Tools it asks for no function key.
 * @throws StartError naming PORT when the port is taken
 */
export async function startHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const match = routeTable(options.routePrefix, options.functions.map(toRoute));
  const open = new Set<ServerResponse>();
  let taking = true;
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    if (!taking) return refuse(request, response, 503);
    const url = urlOf(request);
    if (url === undefined) return refuse(request, response, 400);
    const found = match(request.method ?? '', url.pathname);
    if (found === undefined) return refuse(request, response, 404);
    void answer(request, response, url, found, options);
  });
  await listen(server, options.port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    stopTaking() {
      taking = false;
      server.close();
      server.closeIdleConnections();
      // a connection that is kept would keep the server, too
      for (const response of open) response.shouldKeepAlive = false;
    },
    async idle() {
      await Promise.all([...open].map((response) => once(response, 'close')));
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
  { target: fn, params }: RouteMatch<RegisteredFunction>,
  { invoker, writeOutputs, log }: HttpListenerOptions,
): Promise<void> {
  try {
    const body = await readBody(request);
    if (body === undefined) return refuse(request, response, 413);
    const invocation = toInvocationRequest(triggerOf(fn).bindingName, request, url, params, body);
    const answered = await invoker.invoke(fn, invocation);
    await writeOutputs(fn, answered);
    sendResponse(response, answered.returnValue);
  } catch (error) {
    if (response.destroyed) return; // the caller went away
    if (!(error instanceof InvocationFailed))
      log({ level: 'error', function: fn.metadata.name, message: `No answer could be sent: ${describeError(error)}` });
    // the caller is told no more than this
    if (!response.headersSent) response.writeHead(500, { 'content-length': 0 });
    response.end();
  }
}

/** The Functions host's own refusals have no body. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  if (status === 413 || status === 503) response.shouldKeepAlive = false;
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
