import { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { startSimulatedTenant } from '../../infra/local/simulated-tenant/start-simulated-tenant.ts';
import { createDefenderTwin } from '../../infra/local/simulated-tenant-twin/defender-twin.ts';
import { createDefenderClient } from '../../shared/adapters/defender/defender-client.ts';
import { fixedToken } from '../../shared/adapters/defender/token-source.ts';
import { defenderContract, type OpenDefenderOn } from './defender.contract.ts';
import { defenderEdgesContract } from './defender-edges.contract.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const overHttp: OpenDefenderOn = async (scenario, now) => {
  const tenant = await startSimulatedTenant({ scenario, now, token: 'simulated-token' });
  return {
    defender: createDefenderClient({
      baseUrl: tenant.url,
      token: fixedToken('simulated-token'),
      clock: { now },
      timeoutMs: 5_000,
      log,
    }),
    model: tenant.model,
    close: () => tenant.close(),
  };
};

const inMemory: OpenDefenderOn = async (scenario, now) => {
  const model = new TenantModel(scenario, { startedAt: now() });
  return { defender: createDefenderTwin(model, { now }), model, close: async () => undefined };
};

defenderContract('the client over HTTP', overHttp);
defenderContract('the twin in memory', inMemory);
defenderEdgesContract('the client over HTTP', overHttp);
defenderEdgesContract('the twin in memory', inMemory);
