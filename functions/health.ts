import { app, type HttpResponseInit } from '@azure/functions';
import { SOFTWARE } from '../shared/software.ts';
import { readHealth } from '../shared/use-cases/read-health.ts';
import { runtimeAsItIs } from './runtime.ts';

/** For probes: needs no key and tells no secret. 503 only when the state storage cannot be reached. */
export async function handler(): Promise<HttpResponseInit> {
  const { deps, ensureStorage } = runtimeAsItIs();
  const health = await ensureStorage().then(
    () => readHealth(deps),
    (error: unknown) => {
      deps.log.error('health.storageUnreachable', { error: String(error) });
      return undefined;
    },
  );
  const headers = { 'Cache-Control': 'no-store' };
  if (health) return { headers, jsonBody: health };
  return {
    status: 503,
    headers: { ...headers, 'Retry-After': '10' },
    jsonBody: {
      status: 'storageUnavailable',
      version: SOFTWARE.version,
      storage: 'unavailable',
      defender: 'unknown',
      poison: null,
      oldestHeartbeat: null,
    },
  };
}

app.http('health', { methods: ['GET'], authLevel: 'anonymous', route: 'health', handler });
