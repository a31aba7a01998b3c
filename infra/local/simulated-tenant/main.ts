import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { faultsOf } from './http/control-routes.ts';
import { Scenario, type ScenarioInput } from './model/scenario.ts';
import { AzureResults } from './results/azure-results.ts';
import { type SimulatedTenantOptions, startSimulatedTenant } from './start-simulated-tenant.ts';

export { startSimulatedTenant } from './start-simulated-tenant.ts';

const DEFAULT_PORT = 7072;

/** A setting that keeps the tenant from starting; its message names the setting. */
class BadSetting extends Error {}

/** The only reader of the environment here. @throws BadSetting */
function readSettings(env: NodeJS.ProcessEnv): SimulatedTenantOptions {
  const port = env.PORT ? Number(env.PORT) : DEFAULT_PORT;
  if (!/^\d*$/.test(env.PORT ?? '') || port > 65_535) throw new BadSetting(`PORT: '${env.PORT}' is not a port`);
  const options: SimulatedTenantOptions = { port };
  if (env.SIMULATOR_TOKEN) options.token = env.SIMULATOR_TOKEN;
  if (env.SIMULATOR_RESULT_STORAGE) {
    options.resultStorage = env.SIMULATOR_RESULT_STORAGE;
    try {
      new AzureResults(env.SIMULATOR_RESULT_STORAGE);
    } catch {
      // The cause may quote the key, so it is not repeated.
      throw new BadSetting('SIMULATOR_RESULT_STORAGE: not a storage connection string with an account key');
    }
  }
  if (env.SIMULATOR_SCENARIO) options.scenario = readScenario(env.SIMULATOR_SCENARIO);
  return options;
}

function readScenario(path: string): ScenarioInput {
  try {
    const scenario: unknown = JSON.parse(readFileSync(path, 'utf8'));
    Scenario.parse(scenario);
    return scenario as ScenarioInput;
  } catch (error) {
    const cause =
      error instanceof z.ZodError ? faultsOf(error) : error instanceof Error ? error.message : String(error);
    throw new BadSetting(`SIMULATOR_SCENARIO: ${path}: ${cause}`);
  }
}

async function main(): Promise<void> {
  const tenant = await startSimulatedTenant(readSettings(process.env));
  console.log(`Simulated Defender tenant is ready on ${tenant.url}/api (control: ${tenant.url}/simulator)`);
  const stop = () => {
    tenant.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE' || code === 'EACCES')
      console.error(`PORT: ${process.env.PORT ?? DEFAULT_PORT} cannot be used (${code})`);
    else console.error(error instanceof BadSetting ? error.message : error);
    process.exit(1);
  });
}
