import { mulberry32 } from '../../../../infra/local/simulated-tenant/model/random.ts';
import { machineIdOf, type ScenarioInput } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { TenantModel } from '../../../../infra/local/simulated-tenant/model/tenant-model.ts';
import { type DrawnDevice, deviceInputs } from '../draws/drawn-device.ts';
import type { Baseline, BaselineRequest } from './baseline.ts';
import { createProcesses, type Process } from './processes.ts';
import { tenantCalls } from './tenant-calls.ts';

export interface BaselineRun {
  tenant: TenantModel;
  /** When each device's evidence was there, in order of the fleet, in seconds; Infinity: lost, or not yet. */
  evidenceAtS: number[];
  /** Why devices were given up, and how many. */
  lost: ReadonlyMap<string, number>;
}

export interface BaselineScenario {
  fleet: readonly DrawnDevice[];
  /** Absent: all that arrive at the start in one request, each later one in a request of its own. */
  requests?: readonly { arrivesAtS: number; places: readonly number[] }[];
  switches?: ScenarioInput['switches'];
  /** How often the host crashes. */
  crashEveryS?: number;
  horizonS: number;
}

/** Replays a baseline on a fleet, beside the same model of a tenant, in virtual time. */
export function runBaseline(baseline: Baseline, scenario: BaselineScenario, seed: number): BaselineRun {
  const { fleet, horizonS, crashEveryS, switches = {} } = scenario;
  const devices = deviceInputs(fleet);
  const tenant = new TenantModel({ seed, devices, switches }, { startedAt: 0 });
  const places = new Map(devices.map((d, place) => [machineIdOf(d.computerDnsName), place]));
  const evidenceAtS = fleet.map(() => Number.POSITIVE_INFINITY);
  const lost = new Map<string, number>();
  const processes = createProcesses();
  const around = {
    ...processes,
    calls: tenantCalls(tenant, processes.now),
    evidence: (machineId: string) => {
      const place = places.get(machineId);
      if (place !== undefined) evidenceAtS[place] = Math.min(evidenceAtS[place] ?? 0, processes.now() / 1000);
    },
    lost: (_machineId: string, reason: string) => {
      lost.set(reason, (lost.get(reason) ?? 0) + 1);
    },
    random: mulberry32(seed),
  };
  const requests = requestsOf(scenario, [...places.keys()]);
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
  return { tenant, evidenceAtS, lost };
}

function requestsOf({ fleet, requests }: BaselineScenario, ids: readonly string[]): BaselineRequest[] {
  const idsOf = (places: readonly number[]) => places.map((place) => ids[place] ?? '');
  if (requests) return requests.map(({ arrivesAtS, places }) => ({ arrivesAtS, machineIds: idsOf(places) }));
  const first = [...fleet.keys()].filter((place) => fleet[place]?.arrivesAtS === 0);
  const later = fleet.flatMap(({ arrivesAtS }, place) =>
    arrivesAtS > 0 ? [{ arrivesAtS, machineIds: idsOf([place]) }] : [],
  );
  return [{ arrivesAtS: 0, machineIds: idsOf(first) }, ...later];
}
