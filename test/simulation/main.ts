import { parseArgs } from 'node:util';
import { uncovered } from './coverage.ts';
import { runMutants } from './mutants/run-mutants.ts';
import { runSeeds } from './pool.ts';
import { REGRESSIONS } from './regressions.ts';
import { Summary } from './summary.ts';

/**
 * `npm run simulate -- --seeds N [--from S]` runs N seeds, `--seed S` one and tells its story, `--mutants` breaks the code
 * on purpose and looks whether a seed notices. `--whole` tells a story from its beginning, `--first-failure` stops at the
 * first, `--bare` leaves the seeds out that once found a bug. Exit code 0 when nothing went wrong and, from five thousand seeds on, every
 * fault struck every step.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    whole: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string' },
    'first-failure': { type: 'boolean', default: false },
    bare: { type: 'boolean', default: false },
  },
});

const BAR = 30;
/** Seeds between two lines where there is no terminal. */
const PLAIN_EVERY = 500;
let shownAt = 0;

/** So many seeds must cover everything. */
const COVERING = 5000;

if (values.mutants) process.exitCode = (await runMutants(values.only)) ? 0 : 1;
else if (values.seed !== undefined) process.exitCode = (await tellSeed(Number(values.seed), values.whole)) ? 0 : 1;
else process.exitCode = (await runMany(Number(values.seeds ?? 200), Number(values.from))) ? 0 : 1;

async function tellSeed(seed: number, everything: boolean): Promise<boolean> {
  let well = true;
  await runSeeds([seed], {
    threads: 1,
    told: true,
    everything,
    onReport: ({ story = [], violation, tasks, virtualHours, ioSteps }) => {
      well = violation === undefined;
      process.stdout.write(
        `${story.join('\n')}\n\nseed ${seed}: ${tasks} tasks, ${virtualHours.toFixed(1)} virtual hours, `,
      );
      process.stdout.write(`${ioSteps} I/O steps: ${violation ?? 'all is well'}\n`);
      return true;
    },
  });
  return well;
}

async function runMany(count: number, from: number): Promise<boolean> {
  const summary = new Summary();
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const regressions = values.bare ? [] : REGRESSIONS.map((r) => r.seed).filter((s) => s < from || s >= from + count);
  await runSeeds([...regressions, ...Array.from({ length: count }, (_, n) => from + n)], {
    onReport: (report) => {
      summary.add(report);
      if (report.violation !== undefined) {
        clearLine();
        process.stdout.write(`seed ${report.seed}: ${report.violation}\n  npm run simulate -- --seed ${report.seed}\n`);
      }
      progress(summary, count + regressions.length, seconds());
      return !(values['first-failure'] && report.violation !== undefined);
    },
  });
  clearLine();
  process.stdout.write(`${summary.text(seconds())}\n`);
  const [first] = summary.failed;
  if (first && !values['first-failure']) await tellSeed(first.seed, false);
  return summary.failed.length === 0 && (count < COVERING || uncovered(summary.counts).length === 0);
}

function progress(summary: Summary, count: number, seconds: number): void {
  if (!process.stdout.isTTY && summary.seeds % PLAIN_EVERY === 0)
    process.stdout.write(`${summary.seeds}/${count} seeds, ${summary.failed.length} failed, ${seconds.toFixed(0)} s\n`);
  if (!process.stdout.isTTY || performance.now() - shownAt < 200) return;
  shownAt = performance.now();
  const filled = Math.round((BAR * summary.seeds) / count);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  const left = Math.round(((count - summary.seeds) * seconds) / Math.max(1, summary.seeds));
  process.stdout.write(`\r${bar} ${summary.seeds}/${count}, ${summary.failed.length} failed, ${left} s left   `);
}

function clearLine(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
}
