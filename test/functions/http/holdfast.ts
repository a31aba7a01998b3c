import { HttpRequest, type HttpRequestInit } from '@azure/functions';
import type { Holdfast } from '../../../shared/compose.ts';
import type { Environment } from '../../../shared/config/settings-reader.ts';
import { readConfig } from '../../../shared/config.ts';
import { createWorld, type World } from '../../world/world.ts';

/** What the handlers get, on in-memory twins, as these settings say. */
export function aHoldfast(env: Environment = {}, world: World = createWorld()): Holdfast {
  const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...env });
  return { config, deps: world.deps, ensureStorage: async () => {} };
}

export function aRequest(url: string, init: Omit<HttpRequestInit, 'url'> = {}): HttpRequest {
  return new HttpRequest({
    method: 'GET',
    url,
    query: Object.fromEntries(new URL(url).searchParams),
    ...init,
  });
}
