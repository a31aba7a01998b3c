import { TenantModel } from '../../../infra/local/simulated-tenant/model/tenant-model.ts';
import { createDefenderTwin } from '../../../infra/local/simulated-tenant-twin/defender-twin.ts';
import { createMemoryEvidence } from '../../../shared/adapters/storage/memory-evidence.ts';
import type { Defender } from '../../../shared/ports.ts';
import { advanceCollection } from '../../../shared/use-cases/advance-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { governedDefender } from '../../../shared/use-cases/governed-defender.ts';
import { askFor } from '../../world/asking.ts';
import { devices } from '../../world/fleet.ts';
import { createRecordingCallbacks } from '../../world/recordings.ts';
import { seededIds, seededRandom } from '../../world/seeded.ts';
import { useCaseSettings } from '../../world/settings.ts';
import { createTenantResults } from '../../world/tenant-results.ts';
import type { VirtualClock } from '../../world/virtual-clock.ts';
import { leaveHistory } from './ended-history.ts';
import type { TickState } from './tick-state.ts';

/** The engine with a history and work before it, whose ticks are to be measured. */
export interface TickBench {
  deps: Deps;
  /** Calls that reached Defender so far. */
  defenderCalls(): number;
  /** Lets so many tasks have ended before. */
  haveEnded(tasks: number): Promise<void>;
  /** Asks for the next devices of the fleet, until so many have been asked for in all. */
  ask(devices: number): Promise<void>;
}

/** Targets of one request at most. */
const TARGETS_AT_MOST = 1000;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** @param most how many devices will be asked for at most */
export function prepareTicks(state: TickState, clock: VirtualClock, most: number): TickBench {
  const fleet = devices(most);
  const tenant = new TenantModel({ seed: 1, devices: fleet }, { startedAt: clock.now() });
  const results = createTenantResults(clock);
  const settings = useCaseSettings();
  const { tenantId, limits } = settings;
  let calls = 0;
  const twin = counted(createDefenderTwin(tenant, clock, { linkTo: results.linkTo }), () => {
    calls += 1;
  });
  const { collections, work, index, registers, queues } = state;
  const deps: Deps = {
    ...{ collections, work, index, registers, queues },
    clock,
    ids: seededIds(clock),
    random: seededRandom(1),
    log: SILENT,
    secrets: { key: async () => new Uint8Array(32) },
    defender: governedDefender(twin, { registers, clock, tenantId, limits }),
    results: results.source,
    evidence: createMemoryEvidence(),
    callbacks: createRecordingCallbacks(clock),
    settings,
    canStore: async () => true,
    checkpoint: () => undefined,
  };
  let asked = 0;
  return {
    deps,
    defenderCalls: () => calls,
    haveEnded: (tasks) => leaveHistory(deps, tasks),
    ask: async (devices) => {
      while (asked < devices) {
        const some = fleet.slice(asked, Math.min(devices, asked + TARGETS_AT_MOST));
        asked += some.length;
        await advanceCollection(deps, await askFor(deps, { devices: some }));
      }
    },
  };
}

function counted(defender: Defender, onCall: () => void): Defender {
  return new Proxy(defender, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        onCall();
        return Reflect.apply(method, target, args);
      };
    },
  });
}
