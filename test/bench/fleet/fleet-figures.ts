import { idOf } from '../../world/asking.ts';
import type { Baseline } from './baselines/baseline.ts';
import { runBaseline } from './baselines/run-baseline.ts';
import { type DrawnDevice, deviceInputs, isAsleepAtStart } from './draws/drawn-device.ts';
import { oracleSchedule } from './draws/oracle.ts';
import type { FleetScenario } from './fleet-scenarios.ts';
import { runHoldfast } from './holdfast-run.ts';
import { actionsByDevice, evidenceBy, type FleetOutcome, probesPerSleeperDay, sleeperSlotTime } from './outcome.ts';
import type { Measured } from './seed-series.ts';

/** @throws when a limit was broken or an attempt ran twice: such a run measures nothing */
export async function measureHoldfast(scenario: FleetScenario, seed: number): Promise<Measured[]> {
  const fleet = scenario.draw(seed);
  const run = await runHoldfast({ fleet, horizonS: scenario.horizonHours * 3600 }, seed);
  if (run.wrongs.length > 0) throw new Error(`the run is not valid: ${run.wrongs.join('; ')}`);
  return figuresOf(run, scenario);
}

/** The same rows for another product, and what it lost. */
export function measureBaseline(baseline: Baseline, scenario: FleetScenario, seed: number): Measured[] {
  const fleet = scenario.draw(seed);
  const horizonS = scenario.horizonHours * 3600;
  const { tenant, evidenceAtS } = runBaseline(baseline, { fleet, horizonS }, seed);
  const ids = deviceInputs(fleet).map(idOf);
  const actionsOf = actionsByDevice(tenant, ids, 0, horizonS);
  return figuresOf({ fleet, evidenceAtS, actionsOf, calls: tenant.state.record.countByEndpoint }, scenario);
}

function figuresOf(outcome: FleetOutcome, { evidenceHours, horizonHours }: FleetScenario): Measured[] {
  const { fleet, evidenceAtS, calls } = outcome;
  const oracle = oracleSchedule(fleet);
  const held = evidenceAtS.filter((at) => Number.isFinite(at)).length;
  const inAll = [...calls.values()].reduce((sum, n) => sum + n, 0);
  return [
    ...evidenceHours.map((hours) => evidenceFigure(outcome, oracle, hours)),
    { figure: 'evidence-lost', value: fleet.length - held, unit: 'devices' },
    { figure: 'calls-per-task', value: inAll / Math.max(1, held), unit: 'calls', endpoint: 'all' },
    ...(held === fleet.length ? [makespanFigure(evidenceAtS, oracle)] : []),
    ...sleeperFigures(outcome, fleet, horizonHours * 3600),
  ];
}

function evidenceFigure(outcome: FleetOutcome, oracle: readonly number[], hours: number): Measured {
  const value = evidenceBy(outcome, hours);
  const best = oracle.filter((at) => at <= hours * 3600).length;
  return { figure: `evidence-${hours}h`, value, unit: 'devices', against: 'oracle', ratio: value / best };
}

function makespanFigure(evidenceAtS: readonly number[], oracle: readonly number[]): Measured {
  const value = Math.max(...evidenceAtS);
  return { figure: 'makespan', value, unit: 's', against: 'oracle', ratio: value / Math.max(...oracle) };
}

function sleeperFigures(outcome: FleetOutcome, fleet: readonly DrawnDevice[], horizonS: number): Measured[] {
  if (!fleet.some(isAsleepAtStart)) return [];
  return [
    { figure: 'sleeper-slot-time', value: sleeperSlotTime(outcome), unit: 'probes' },
    { figure: 'probes-per-sleeper-day', value: probesPerSleeperDay(outcome, horizonS), unit: 'probes' },
  ];
}
