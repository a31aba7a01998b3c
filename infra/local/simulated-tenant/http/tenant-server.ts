import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Reply } from '../model/reply.ts';
import { serveResult } from '../results/result-server.ts';
import { serveControl } from './control-routes.ts';
import { DEFENDER_ROUTES } from './defender-routes.ts';
import { BodyTooLarge, type Exchange, readExchange, sendJson, sendReply } from './exchange.ts';
import type { ServedTenant } from './served-tenant.ts';
import { serveToken } from './token-routes.ts';

/** @param tenant asked for with each request, because it is made once the server knows its address */
export function tenantServer(tenant: () => ServedTenant): Server {
  const server = createServer((request, response) => {
    serve(tenant(), request, response).catch((error: unknown) => {
      if (error instanceof BodyTooLarge) {
        sendJson(response, 413, { error: { code: 'RequestEntityTooLarge', message: 'The body is too large' } });
        return;
      }
      process.stderr.write(`simulated tenant: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: { code: 'InternalServerError', message: '' } });
    });
  });
  // Longer than clients keep a connection, so that none breaks but those that are told to.
  server.keepAliveTimeout = 75_000;
  return server;
}

async function serve(tenant: ServedTenant, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = readExchange(request);
  if (exchange === undefined) {
    sendJson(response, 400, { error: { code: 'BadRequest', message: 'The address cannot be read' } });
    return;
  }
  if (exchange.path.startsWith('/results/')) {
    const { results, model } = tenant;
    const now = tenant.now();
    return serveResult(request, response, {
      store: results.builtIn,
      log: results.log,
      switches: model.state.switches.results,
      find: (actionId, index) => results.find(actionId, index, now),
      now,
    });
  }
  if (await serveControl(tenant, exchange, response)) return;
  if (await serveToken(tenant, exchange, response)) return;
  await sendReply(response, await defenderReply(tenant, exchange));
}

async function defenderReply(tenant: ServedTenant, exchange: Exchange): Promise<Reply> {
  const { state } = tenant.model;
  for (const route of DEFENDER_ROUTES) {
    const found = route.method === exchange.method ? route.path.exec(exchange.path) : null;
    if (found === null) continue;
    if (tenant.tokens.accepts(exchange.request.headers.authorization, tenant.now())) {
      return await route.answer(tenant, found.slice(1), exchange);
    }
    const reply = state.refuse(401, 'Unauthorized', 'The token is missing, not valid, or expired');
    state.record.add(tenant.now(), route.endpoint, reply, {});
    return reply;
  }
  return state.refuse(404, 'NotFound', `There is no ${exchange.method} ${exchange.path}`);
}
