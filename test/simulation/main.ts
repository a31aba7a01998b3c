import { fromCommandLine, wholeNumber } from '../../infra/local/command-line.ts';
import { uncovered } from './coverage.ts';
import { runMutants } from './mutants/run-mutants.ts';
import { runSeeds } from './pool.ts';
import { REGRESSIONS } from './regressions.ts';
import { Summary } from './summary.ts';

const USAGE = `Usage: npm run simulate -- [--seeds 200] [--from 1] [--first-failure] [--bare]
       npm run simulate -- --seed N [--whole]
       npm run simulate -- --mutants [--only NAME]
  --seeds N        runs so many seeds, and those that once found a bug
  --from N         the first of them
  --first-failure  stops at the first that fails
  --bare           leaves those out that once found a bug
  --seed N         runs one and tells its story
  --whole          from its beginning
  --mutants        breaks the code on purpose and looks whether a seed notices
Exit code 0 when nothing went wrong and, from five thousand seeds on, every fault struck every step.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const asked = fromCommandLine(
  USAGE,
  {
    options: {
      seeds: text,
      from: text,
      seed: text,
      whole: flag,
      mutants: flag,
      only: text,
      'first-failure': flag,
      bare: flag,
    },
  },
  ({ values }) => ({
    ...values,
    seeds: wholeNumber('seeds', values.seeds ?? '200', 1),
    from: wholeNumber('from', values.from ?? '1'),
    seed: values.seed === undefined ? undefined : wholeNumber('seed', values.seed),
  }),
);

const BAR = 30;
/** Seeds between two lines where there is no terminal. */
const PLAIN_EVERY = 500;
let shownAt = 0;

/** So many seeds must cover everything. */
const COVERING = 5000;

if (asked.mutants) process.exitCode = (await runMutants(asked.only)) ? 0 : 1;
else if (asked.seed !== undefined) process.exitCode = (await tellSeed(asked.seed, asked.whole)) ? 0 : 1;
else process.exitCode = (await runMany(asked.seeds, asked.from)) ? 0 : 1;

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
  const regressions = asked.bare ? [] : REGRESSIONS.map((r) => r.seed).filter((s) => s < from || s >= from + count);
  await runSeeds([...regressions, ...Array.from({ length: count }, (_, n) => from + n)], {
    onReport: (report) => {
      summary.add(report);
      if (report.violation !== undefined) {
        clearLine();
        process.stdout.write(`seed ${report.seed}: ${report.violation}\n  npm run simulate -- --seed ${report.seed}\n`);
      }
      progress(summary, count + regressions.length, seconds());
      return !(asked['first-failure'] && report.violation !== undefined);
    },
  });
  clearLine();
  process.stdout.write(`${summary.text(seconds())}\n`);
  const [first] = summary.failed;
  if (first && !asked['first-failure']) await tellSeed(first.seed, false);
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
