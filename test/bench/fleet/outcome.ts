import type { MachineAction } from '../../../infra/local/simulated-tenant/model/machine-action.ts';
import type { TenantModel } from '../../../infra/local/simulated-tenant/model/tenant-model.ts';
import { limitsBroken } from '../../../infra/local/simulated-tenant/model/verdicts.ts';
import type { DrawnDevice } from './draws/drawn-device.ts';

/** What became of a fleet, whoever collected. Instants in seconds from the start. */
export interface FleetOutcome {
  fleet: readonly DrawnDevice[];
  /** In order of the fleet; Infinity where there is no evidence. */
  evidenceAtS: readonly number[];
  /** In order of the fleet, the oldest first. */
  actionsOf: readonly (readonly ActionSpan[])[];
  /** Defender calls by endpoint. */
  calls: ReadonlyMap<string, number>;
  /** Times that a limit of Defender was broken; refusals because of sessions that nobody can see are none. */
  limitsBroken: number;
  /** Targets of requests that gave no evidence; a device that several requests name counts for each. */
  targetsLost: number;
}

/** From the submit to the end of an action's hold on its session. */
export interface ActionSpan {
  fromS: number;
  toS: number;
  /** Whether its commands began. */
  ran: boolean;
  /** Ended without a run. */
  inVain: boolean;
}

/**
 * Reads off the tenant what it saw of its callers.
 * @param startedAt of the story, epoch ms
 * @param nowS when it ended
 */
export function seenByTenant(tenant: TenantModel, ids: readonly string[], startedAt: number, nowS: number) {
  const { record, switches, ledger } = tenant.state;
  return {
    actionsOf: ids.map((id) => ledger.ofMachine(id).map((action) => spanOf(action, startedAt, nowS))),
    calls: record.countByEndpoint as ReadonlyMap<string, number>,
    limitsBroken: limitsBroken(record, switches).reduce((sum, { times }) => sum + times, 0),
  };
}

function spanOf({ submittedAt, timeline }: MachineAction, startedAt: number, nowS: number): ActionSpan {
  const toS = (timeline.endsAt - startedAt) / 1000;
  const ran = (timeline.startsAt - startedAt) / 1000 <= nowS;
  const inVain = toS <= nowS && timeline.startsAt === Number.POSITIVE_INFINITY;
  return { fromS: (submittedAt - startedAt) / 1000, toS: Math.min(toS, nowS), ran, inVain };
}

export const heldBy = (evidenceAtS: readonly number[], atS: number): number =>
  evidenceAtS.filter((at) => at <= atS).length;

export const heldInAll = ({ evidenceAtS }: FleetOutcome): number => evidenceAtS.filter(Number.isFinite).length;

/** When the last evidence came that came at all; 0 when none did. */
export const lastEvidenceS = (evidenceAtS: readonly number[]): number =>
  evidenceAtS.reduce((last, at) => (Number.isFinite(at) ? Math.max(last, at) : last), 0);
