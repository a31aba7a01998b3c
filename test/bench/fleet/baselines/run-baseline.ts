import { mulberry32 } from '../../../../infra/local/simulated-tenant/model/random.ts';
import { machineIdOf } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { TenantModel } from '../../../../infra/local/simulated-tenant/model/tenant-model.ts';
import { deviceInputs } from '../draws/drawn-device.ts';
import type { FleetScenario } from '../fleet-scenarios.ts';
import { type FleetOutcome, seenByTenant } from '../outcome.ts';
import type { Baseline, BaselineRequest } from './baseline.ts';
import { createProcesses, type Process } from './processes.ts';
import { tenantCalls } from './tenant-calls.ts';

export interface BaselineRun extends FleetOutcome {
  /** Why devices were given up, and how many. */
  lost: ReadonlyMap<string, number>;
}

/** What of a scenario a baseline needs. */
export type BaselineScenario = Pick<FleetScenario, 'draw' | 'requests' | 'horizonHours' | 'switches' | 'crashEveryS'>;

/** Replays a baseline on a fleet, beside the same model of a tenant, in virtual time. */
export function runBaseline(baseline: Baseline, scenario: BaselineScenario, seed: number): BaselineRun {
  const { crashEveryS, switches = {} } = scenario;
  const fleet = scenario.draw(seed);
  const horizonS = scenario.horizonHours * 3600;
  const devices = deviceInputs(fleet);
  const tenant = new TenantModel({ seed, devices, switches }, { startedAt: 0 });
  const places = new Map(devices.map((d, place) => [machineIdOf(d.computerDnsName), place]));
  const evidenceAtS = fleet.map(() => Number.POSITIVE_INFINITY);
  const lost = new Map<string, number>();
  let given = 0;
  const processes = createProcesses();
  const around = {
    ...processes,
    calls: tenantCalls(tenant, processes.now),
    evidence: (machineId: string) => {
      given += 1;
      const place = places.get(machineId);
      if (place !== undefined) evidenceAtS[place] = Math.min(evidenceAtS[place] ?? 0, processes.now() / 1000);
    },
    lost: (_machineId: string, reason: string) => {
      lost.set(reason, (lost.get(reason) ?? 0) + 1);
    },
    random: mulberry32(seed),
  };
  const ids = [...places.keys()];
  const requests = scenario.requests(fleet).map(
    (request): BaselineRequest => ({
      arrivesAtS: request.arrivesAtS,
      machineIds: request.places.map((place) => ids[place] ?? ''),
    }),
  );
  const arrivals = function* (fromS: number): Process {
    for (const request of requests) {
      if (request.arrivesAtS < fromS) continue;
      yield Math.max(0, request.arrivesAtS * 1000 - processes.now());
      baseline.serve(request, around);
    }
  };
  processes.start(arrivals(0));
  if (crashEveryS !== undefined && !baseline.resumes) {
    for (let atS = crashEveryS; atS < horizonS; atS += crashEveryS) {
      processes.run(atS * 1000);
      processes.endAll();
      processes.start(arrivals(atS), atS * 1000);
    }
  }
  processes.run(horizonS * 1000);
  const asked = requests.reduce((sum, { machineIds }) => sum + machineIds.length, 0);
  return { fleet, evidenceAtS, targetsLost: asked - given, lost, ...seenByTenant(tenant, ids, 0, horizonS) };
}
