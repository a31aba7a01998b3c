import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RESULT_ACCOUNT, startAzurite } from '../../infra/local/azurite.ts';
import { anyFreePort } from '../../infra/local/free-port.ts';
import { cleanEnvironment, SIMULATED_TOKEN } from '../../infra/local/local-system.ts';
import type { ScenarioInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import { loadScenario, startTenantProcess } from '../../infra/local/tenant-process.ts';
import { type ChaosHost, startChaosHost } from './chaos-host.ts';
import { CHAOS_SETTINGS } from './fleet.ts';
import type { HostName } from './plan.ts';
import { type Storage, startStorage } from './storage.ts';

/** Two hosts on one storage; the tenant and its results are out of the storm's reach, for they are the witness. */
export interface ChaosSystem {
  hosts: Record<HostName, ChaosHost>;
  storage: Storage;
  tenantUrl: string;
  stop(): Promise<void>;
}

/** @param folder takes the storage's files and everybody's logs */
export async function startChaosSystem(folder: string, scenario: ScenarioInput): Promise<ChaosSystem> {
  await mkdir(folder, { recursive: true });
  const started: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  const logTo = (name: string) => {
    const log = createWriteStream(join(folder, `${name}.log`));
    return (line: string) => void log.write(`${new Date().toISOString()} ${line}\n`);
  };
  try {
    const storage = await startStorage(join(folder, 'storage'));
    started.push(storage);
    const results = await startAzurite();
    started.push(results);
    const tenant = await startTenantProcess({
      resultStorage: results.connectionString(RESULT_ACCOUNT),
      env: cleanEnvironment(),
      onLine: logTo('tenant'),
    });
    started.push(tenant);
    await loadScenario(tenant.url, scenario);
    const host = async (name: HostName): Promise<ChaosHost> => {
      const env = {
        ...cleanEnvironment(),
        HOLDFAST_LOCAL_SETTINGS: 'ignore',
        DEFENDER_ACCESS_TOKEN: SIMULATED_TOKEN,
        ...CHAOS_SETTINGS,
      };
      const tenantPort = Number(new URL(tenant.url).port);
      const options = { port: await anyFreePort(), storage, tenantPort, env, onLine: logTo(`${name}-host`) };
      const running = await startChaosHost(options);
      started.push(running);
      return running;
    };
    const hosts = { first: await host('first'), second: await host('second') };
    return { hosts, storage, tenantUrl: tenant.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
