import type { Report } from '../figures.ts';
import type { BenchOptions } from '../main.ts';
import { measureAwakeFleet } from './awake-fleet.ts';
import { reportSeeds, seedsUpTo } from './seed-series.ts';

/** How close the real use cases come to the best schedule, in virtual time, beside a modelled tenant. */
export async function run(report: Report, { quick }: BenchOptions): Promise<void> {
  const seeds = seedsUpTo(quick ? 3 : 20);
  await reportSeeds(report, 'awake-200', seeds, (seed) => measureAwakeFleet(200, seed));
  await reportSeeds(report, 'awake-1000', seeds, (seed) => measureAwakeFleet(1000, seed));
  if (!quick) await reportSeeds(report, 'awake-10000', seedsUpTo(3), (seed) => measureAwakeFleet(10_000, seed));
}
