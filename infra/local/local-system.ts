import process from 'node:process';
import { SETTINGS } from '../../shared/config/settings.ts';
import { type Azurite, RESULT_ACCOUNT, STATE_ACCOUNT, startAzurite } from './azurite.ts';
import { type HostProcess, startHostProcess } from './host-process.ts';
import { startTenantProcess, type TenantProcess } from './tenant-process.ts';

export interface LocalSystemOptions {
  /** folder that keeps state and evidence; absent: in memory */
  location?: string;
  /** JSON file that describes the tenant's devices; absent: the built-in ones */
  scenario?: string;
  /** further settings of the host */
  env?: Record<string, string>;
  /** further settings of the simulated tenant */
  tenantEnv?: Record<string, string>;
  /** absent: free ports */
  ports?: { host: number; tenant: number; blob: number; queue: number; table: number };
  /** gets each line that a part writes */
  onLine?: (part: 'host' | 'tenant', line: string) => void;
}

/** Azurite, the simulated tenant and the embedded host, each a process of its own. */
export interface LocalSystem {
  /** `http://127.0.0.1:<port>/api` */
  hostUrl: string;
  tenantUrl: string;
  stateConnectionString: string;
  resultConnectionString: string;
  /** starts with `http://127.0.0.1:<port>` */
  blobUrl: string;
  host: HostProcess;
  stop(): Promise<void>;
}

/** What the simulated tenant takes for a token. */
export const SIMULATED_TOKEN = 'simulated-token';

/** @throws Error with the last lines of the part that did not start; the others are ended */
export async function startLocalSystem(options: LocalSystemOptions = {}): Promise<LocalSystem> {
  const started: { stop(): Promise<unknown> }[] = [];
  // the host first: while it drains it needs the others
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  try {
    const azurite = await startAzurite({
      ...(options.location === undefined ? {} : { location: options.location }),
      ...(options.ports === undefined ? {} : { ports: options.ports }),
    });
    started.push(azurite);
    const tenant = await startTenantProcess({
      resultStorage: azurite.connectionString(RESULT_ACCOUNT),
      scenario: options.scenario,
      port: options.ports?.tenant,
      env: { ...cleanEnvironment(), ...options.tenantEnv },
      onLine: (line) => options.onLine?.('tenant', line),
    });
    started.push(tenant);
    const host = await startHostProcess(hostEnvironment(azurite, tenant, options), (line) =>
      options.onLine?.('host', line),
    );
    started.push(host);
    return {
      hostUrl: host.url,
      tenantUrl: tenant.url,
      stateConnectionString: azurite.connectionString(STATE_ACCOUNT),
      resultConnectionString: azurite.connectionString(RESULT_ACCOUNT),
      blobUrl: azurite.blobUrl,
      host,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function hostEnvironment(azurite: Azurite, tenant: TenantProcess, options: LocalSystemOptions): NodeJS.ProcessEnv {
  const storage = azurite.connectionString(STATE_ACCOUNT);
  return {
    ...cleanEnvironment(),
    // the local system is the same on every machine, whatever the developer's own settings say
    HOLDFAST_LOCAL_SETTINGS: 'ignore',
    AzureWebJobsStorage: storage,
    EvidenceStorage: storage,
    DEFENDER_API_URL: tenant.url,
    DEFENDER_ACCESS_TOKEN: SIMULATED_TOKEN,
    PORT: String(options.ports?.host ?? 0),
    ...options.env,
  };
}

/** Our environment without the settings of Holdfast: a shell that is set up for a real tenant must not leak in. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const names = new Set<string>(SETTINGS.map(({ name }) => name));
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.has(name)));
}
