import { printFigure, type Report, type Series } from './figures.ts';

/** Families of figures; each is loaded only when it is asked for. */
const FAMILIES: Record<string, () => Promise<{ run(report: Report, options: BenchOptions): Promise<void> }>> = {
  fleet: () => import('./fleet/fleet.ts'),
  tick: () => import('./tick/tick.ts'),
  intake: () => import('./intake/intake.ts'),
  archive: () => import('./archive/archive.ts'),
  cold: () => import('./cold/cold.ts'),
};

export interface BenchOptions {
  /** Fewer seeds, fewer rounds, smaller sizes: for a quick look. */
  quick: boolean;
  /** Takes the curves of the report's charts. */
  draw(series: Series): void;
}

/** `npm run bench -- [family...] [--quick]`: one JSON line per figure on standard output, a table on standard error. */
async function main(args: string[]): Promise<number> {
  const names = args.filter((a) => !a.startsWith('--'));
  const unknown = names.filter((name) => !Object.hasOwn(FAMILIES, name));
  const options = args.filter((a) => a.startsWith('--'));
  if (unknown.length > 0 || options.some((o) => o !== '--quick')) {
    process.stderr.write(`Usage: npm run bench -- [${Object.keys(FAMILIES).join('|')}] [--quick]\n`);
    return 2;
  }
  for (const name of names.length > 0 ? names : Object.keys(FAMILIES)) {
    const family = await FAMILIES[name]?.();
    await family?.run(printFigure, { quick: options.includes('--quick'), draw: () => undefined });
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
