import type { Report } from '../figures.ts';
import type { BenchOptions } from '../main.ts';
import { measureAwakeFleet } from './awake-fleet.ts';
import type { Baseline } from './baselines/baseline.ts';
import { bulkScript, elastic, vmray } from './baselines/list-pollers.ts';
import { mdeAutomator, naiveLoop, splunkSoar, xsoar } from './baselines/one-by-one-pollers.ts';
import { measureBaseline, measureHoldfast } from './fleet-figures.ts';
import { AWAKE_FLEETS, type FleetScenario, SLEEPING_FLEETS } from './fleet-scenarios.ts';
import { reportSeeds, seedsUpTo } from './seed-series.ts';

const BASELINES: readonly Baseline[] = [mdeAutomator, xsoar, splunkSoar, vmray, elastic, bulkScript, naiveLoop];

/**
 * How close the real use cases come to the best schedule, in virtual time, beside a modelled tenant; and how other
 * products, replayed in the same tenant, do on the same fleets.
 */
export async function run(report: Report, { quick }: BenchOptions): Promise<void> {
  const seeds = seedsUpTo(quick ? 3 : 20);
  await reportSeeds(report, 'awake-200', seeds, (seed) => measureAwakeFleet(200, seed));
  await reportSeeds(report, 'awake-1000', seeds, (seed) => measureAwakeFleet(1000, seed));
  if (!quick) await reportSeeds(report, 'awake-10000', seedsUpTo(3), (seed) => measureAwakeFleet(10_000, seed));
  for (const scenario of SLEEPING_FLEETS) {
    const few = seedsUpTo(quick ? 1 : scenario.seeds);
    await reportSeeds(report, scenario.name, few, (seed) => measureHoldfast(scenario, seed));
  }
  for (const scenario of [...AWAKE_FLEETS, ...SLEEPING_FLEETS])
    for (const baseline of BASELINES) await reportBaseline(report, scenario, baseline, seeds);
}

const reportBaseline = (report: Report, scenario: FleetScenario, baseline: Baseline, seeds: readonly number[]) =>
  reportSeeds(report, scenario.name, seeds, async (seed) => measureBaseline(baseline, scenario, seed), baseline.name);
