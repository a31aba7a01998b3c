import process from 'node:process';
import { usualThreads, workOnThreads } from '../../../infra/local/work-on-threads.ts';
import type { BenchOptions } from '../family.ts';
import type { Report } from '../figures.ts';
import { FLEET_SCENARIOS } from './fleet-scenarios.ts';
import type { SeedAnswer, SeedOrder } from './fleet-worker.ts';
import { measureIdle } from './idle.ts';
import type { SeedFigures } from './measure-seed.ts';
import { reportSeeds, seedsUpTo } from './seed-series.ts';

const SEEDS = 20;
const QUICK_SEEDS = 3;

/**
 * How close the real use cases come to the best schedule, in virtual time, beside a modelled tenant; and how other
 * products, replayed in the same tenant, do on the same fleets. Each seed has a thread to itself.
 * @throws when a seed could not be measured, after everything else was
 */
export async function run(report: Report, { quick, draw }: BenchOptions): Promise<void> {
  const startedAt = performance.now();
  const seeds = seedsUpTo(quick ? QUICK_SEEDS : SEEDS);
  const left: SeedOrder[] = FLEET_SCENARIOS.flatMap((_, place) => seeds.map((seed) => ({ place, seed })));
  const measured = FLEET_SCENARIOS.map(() => new Map<number, SeedFigures>());
  const broken: string[] = [];
  const take = (answer: SeedAnswer): void => {
    const { name } = FLEET_SCENARIOS[answer.place] ?? { name: '' };
    const figures = measured[answer.place];
    process.stderr.write(`fleet ${name}, seed ${answer.seed}: ${answer.seconds.toFixed(1)} s\n`);
    if ('broken' in answer) broken.push(`${name}, seed ${answer.seed}: ${answer.broken}`);
    else figures?.set(answer.seed, answer.figures);
    if (figures?.size === seeds.length) reportSeeds(report, name, figures);
    if ('figures' in answer) for (const series of answer.figures.series) draw(series);
  };
  const script = new URL('./fleet-worker.ts', import.meta.url);
  await workOnThreads<SeedOrder, SeedAnswer>({ script, threads: usualThreads(), next: () => left.shift(), take });
  const line = { bench: 'fleet', system: 'holdfast' };
  for (const idle of await measureIdle()) report({ ...line, scenario: 'idle-hour', ...idle });
  const wallS = (performance.now() - startedAt) / 1000;
  report({ ...line, scenario: `all-of-${seeds.length}-seeds`, figure: 'wall-time', value: wallS, unit: 's' });
  if (broken.length > 0) throw new Error(`not every seed could be measured:\n${broken.join('\n')}`);
}
