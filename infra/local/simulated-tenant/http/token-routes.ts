import type { ServerResponse } from 'node:http';
import { type Exchange, readBody, sendJson } from './exchange.ts';
import type { ServedTenant } from './served-tenant.ts';

const TOKEN_PATH = /^\/[^/]+\/oauth2(\/v2\.0)?\/token$/i;
const MANAGED_IDENTITY_PATH = /^\/(msi\/token|metadata\/identity\/oauth2\/token)$/i;

/**
 * Sign-in, as far as a client of Defender sees it: client credentials (v1 and v2) and a managed identity's endpoint.
 * Any client id and secret will do. @returns whether the request was one for a token
 */
export async function serveToken(tenant: ServedTenant, exchange: Exchange, response: ServerResponse): Promise<boolean> {
  if (exchange.method === 'GET' && MANAGED_IDENTITY_PATH.test(exchange.path)) {
    if (exchange.query.get('resource')) sendToken(tenant, response, exchange.query.get('resource') ?? '');
    else sendJson(response, 400, { error: 'invalid_request', error_description: 'resource is missing' });
    return true;
  }
  if (exchange.method !== 'POST' || !TOKEN_PATH.test(exchange.path)) return false;
  const form = new URLSearchParams((await readBody(exchange.request)).toString('utf8'));
  if (form.get('grant_type') !== 'client_credentials') {
    sendJson(response, 400, { error: 'unsupported_grant_type', error_description: 'use client_credentials' });
  } else if (!form.get('client_id') || !(form.get('client_secret') || form.get('client_assertion'))) {
    sendJson(response, 401, { error: 'invalid_client', error_description: 'client_id or its secret is missing' });
  } else {
    sendToken(tenant, response, form.get('scope') ?? form.get('resource') ?? '');
  }
  return true;
}

function sendToken(tenant: ServedTenant, response: ServerResponse, resource: string): void {
  const endsAt = tenant.now() + tenant.model.state.switches.tokenLifeMs;
  const seconds = Math.floor(tenant.model.state.switches.tokenLifeMs / 1000);
  sendJson(response, 200, {
    token_type: 'Bearer',
    expires_in: seconds,
    ext_expires_in: seconds,
    expires_on: String(Math.floor(endsAt / 1000)),
    resource,
    access_token: tenant.tokens.issue(endsAt),
  });
}
