import type { Series } from '../figures.ts';
import { BASELINES } from './baselines/all-baselines.ts';
import { runBaseline } from './baselines/run-baseline.ts';
import { curvesOf } from './curves.ts';
import { oracleSchedule } from './draws/oracle.ts';
import type { FleetScenario } from './fleet-scenarios.ts';
import { runHoldfast } from './holdfast-run.ts';
import type { FleetOutcome } from './outcome.ts';
import { boundsOf } from './rows/fleet-rows.ts';
import type { Measured } from './rows/row.ts';

/** What all systems made of the fleet of one seed. */
export interface SeedFigures {
  systems: { system: string; figures: Measured[] }[];
  /** Only of the first seed. */
  series: Series[];
}

/** Holdfast first, then every other product on the same fleet. */
export async function measureSeed(scenario: FleetScenario, seed: number): Promise<SeedFigures> {
  const oracleAtS = oracleSchedule(scenario.draw(seed));
  const bests = { oracleAtS, horizonS: scenario.horizonHours * 3600 };
  const outcomes: [string, FleetOutcome][] = [['holdfast', await runHoldfast(scenario, seed)]];
  // what the tenant's machine list shows changes nothing for those who never ask for it
  if (!scenario.hints)
    for (const baseline of BASELINES) outcomes.push([baseline.name, runBaseline(baseline, scenario, seed)]);
  const systems = outcomes.map(([system, outcome]) => {
    const shared = { ...boundsOf(outcome, bests), ...(scenario.hints ? { hints: true } : {}) };
    return { system, figures: scenario.rows(outcome, bests).map((row) => ({ ...row, ...shared })) };
  });
  return { systems, series: seed === 1 ? seriesOf(scenario, outcomes, oracleAtS) : [] };
}

const seriesOf = (
  scenario: FleetScenario,
  outcomes: readonly [string, FleetOutcome][],
  oracleAtS: number[],
): Series[] => [
  ...outcomes.flatMap(([system, outcome]) => curvesOf(scenario, system, outcome)),
  ...curvesOf(scenario, 'oracle', { evidenceAtS: oracleAtS }),
];
