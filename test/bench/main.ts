import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Family } from './family.ts';
import { printFigure } from './figures.ts';
import { measureFamily } from './measure-family.ts';
import { writeReport } from './report/write-report.ts';

/** Families of figures; each is loaded only when it is asked for. */
const FAMILIES: Record<string, () => Promise<Family>> = {
  fleet: () => import('./fleet/fleet.ts'),
  tick: () => import('./tick/tick.ts'),
  intake: () => import('./intake/intake.ts'),
  archive: () => import('./archive/archive.ts'),
  cold: () => import('./cold/cold.ts'),
  cost: () => import('./cost/cost.ts'),
};

const USAGE = `Usage: npm run bench -- [${Object.keys(FAMILIES).join('|')}]... [--quick] [--report]

Measures the families named, or all of them. One JSON line for each figure on standard output, a table on standard error.

--quick   fewer seeds, fewer rounds, smaller sizes: for a look
--report  writes docs/benchmarks.md and its charts; families not measured now keep their figures of before.
          A run of all families without --quick does so unasked.
`;

async function main(args: string[]): Promise<number> {
  const asked = readArgs(args);
  if (asked === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { names, quick, report } = asked;
  const measured: Parameters<typeof writeReport>[0] = {};
  let failed = 0;
  for (const name of names) {
    try {
      const family = await FAMILIES[name]?.();
      if (family) measured[name] = await measureFamily(family, { quick, print: printFigure });
    } catch (error) {
      // the others can be measured all the same
      failed += 1;
      process.stderr.write(
        `${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    }
  }
  if (report) process.stderr.write(`The report is ${await writeReport(measured)}.\n`);
  return failed === 0 ? 0 : 1;
}

function readArgs(args: string[]): { names: string[]; quick: boolean; report: boolean } | undefined {
  try {
    const options = {
      quick: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.some((name) => !Object.hasOwn(FAMILIES, name))) return undefined;
    const whole = positionals.length === 0;
    const names = whole ? Object.keys(FAMILIES) : positionals;
    return { names, quick: values.quick, report: values.report || (whole && !values.quick) };
  } catch {
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
