import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from '../../infra/local/local-system.ts';
import type { RecordView } from '../../infra/local/simulated-tenant/http/record-view.ts';
import type { DeviceInput, ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { HoldfastClient } from './client.ts';

/** The whole system on free ports, in memory, with a caller and a hand on the simulated tenant. */
export interface E2eSystem {
  readonly local: LocalSystem;
  readonly client: HoldfastClient;
  readonly tenant: TenantControl;
}

/** Ticks that follow each other closely, and limits that only matter to the tests that set them. */
const FAST = {
  POLL_MIN_SECONDS: '1',
  DISPATCH_SCHEDULE: '*/2 * * * * *',
  POLL_SCHEDULE: '*/2 * * * * *',
  DEFENDER_SUBMITS_PER_MINUTE: '3000',
  DEFENDER_CALLS_PER_MINUTE: '3000',
  DEFENDER_CALLS_PER_HOUR: '100000',
  DEFENDER_SESSIONS: '500',
  AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.200',
};

const UNLIMITED = { submitsPerMinute: 3000, callsPerMinute: 3000, callsPerHour: 100_000, sessions: 500 };

/** Simulated ms in a real one: two minutes until a command begins pass in 0.2 s. */
const TIME_SCALE = 600;

export async function startE2eSystem(
  options: LocalSystemOptions & { scenarioOf?: ScenarioInput } = {},
): Promise<E2eSystem> {
  const { scenarioOf = {}, ...others } = options;
  const local = await startLocalSystem({ ...others, env: { ...FAST, ...options.env } });
  const tenant = new TenantControl(local.tenantUrl);
  const switches = { timeScale: TIME_SCALE, ...UNLIMITED, ...scenarioOf.switches };
  await tenant.control('PUT', 'scenario', { seed: 3, ...scenarioOf, switches });
  return { local, client: new HoldfastClient(local.hostUrl), tenant };
}

/** The simulated tenant's control surface. */
export class TenantControl {
  readonly #url: string;

  constructor(tenantUrl: string) {
    this.#url = `${tenantUrl}/simulator`;
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${this.#url}/${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  /** @returns the new devices' machine ids, in order */
  async add(...devices: DeviceInput[]): Promise<string[]> {
    const added = (await this.control('POST', 'devices', devices)) as { id: string }[];
    return added.map(({ id }) => id);
  }

  set = (switches: unknown) => this.control('PATCH', 'switches', switches);
  change = (name: string, changes: unknown) => this.control('PATCH', `devices/${name}`, changes);
  wake = (name: string) => this.control('POST', `devices/${name}/wake`);
  fail = (fault: unknown) => this.control('POST', 'faults', fault);
  record = () => this.control('GET', 'record') as Promise<RecordView>;
}
