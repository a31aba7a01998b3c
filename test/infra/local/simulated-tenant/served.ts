import {
  type SimulatedTenant,
  type SimulatedTenantOptions,
  startSimulatedTenant,
} from '../../../../infra/local/simulated-tenant/start-simulated-tenant.ts';
import { ANNA, anna, request } from './virtual-tenant.ts';

export const TOKEN = { Authorization: 'Bearer simulated-token' };

/** A tenant on a free port, its clock in the hands of the test. */
export interface ServedForTest extends SimulatedTenant {
  advance(ms: number): void;
  /** Calls with the token. */
  get(path: string): Promise<Response>;
  post(path: string, body: unknown): Promise<Response>;
  control(method: string, path: string, body?: unknown): Promise<Response>;
}

export async function serveTenant(options: SimulatedTenantOptions = {}): Promise<ServedForTest> {
  let skipped = 0;
  const tenant = await startSimulatedTenant({
    scenario: { devices: [anna()] },
    now: () => Date.now() + skipped,
    ...options,
  });
  const send = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
    fetch(tenant.url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return Object.assign(tenant, {
    advance: (ms: number) => {
      skipped += ms;
    },
    get: (path: string) => send('GET', path, TOKEN),
    post: (path: string, body: unknown) => send('POST', path, TOKEN, body),
    control: (method: string, path: string, body?: unknown) => send(method, `/simulator${path}`, {}, body),
  });
}

/** Runs commands on `anna` to their end. @returns the action's id */
export async function ranOn(tenant: ServedForTest, ...commands: unknown[]): Promise<string> {
  const response = await tenant.post(`/api/machines/${ANNA}/runliveresponse`, request(...commands));
  const { id } = (await response.json()) as { id: string };
  tenant.advance(60_000);
  return id;
}

export async function linkOf(tenant: ServedForTest, actionId: string, index = 0): Promise<string> {
  const response = await tenant.get(
    `/api/machineactions/${actionId}/GetLiveResponseResultDownloadLink(index=${index})`,
  );
  const { value } = (await response.json()) as { value: string };
  return value;
}
