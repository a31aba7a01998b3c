import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fromCommandLine, wholeNumber } from '../../infra/local/command-line.ts';
import { sampleOf } from './sample.ts';
import { type Mutant, runStryker } from './stryker-run.ts';

const USAGE = `Usage: npm run mutation -- [--share 0.2] [--seed 1] [FILE]...
Breaks one in so many declarations of the rules and use cases, or of the files that are named, and counts what the tests
notice. First all quick tests judge, then the slow ones what those let pass.
  --share S  which part of the declarations, more than 0 and at most 1
  --seed N   which ones
Exit code 0 from 85 % on.`;

const text = { type: 'string' } as const;
const { share, seed, files } = fromCommandLine(
  USAGE,
  { options: { share: text, seed: text }, allowPositionals: true },
  ({ values, positionals }) => ({
    share: partOfAll(values.share ?? '0.2'),
    seed: wholeNumber('seed', values.seed ?? '1'),
    files: positionals,
  }),
);

const LEAST_SCORE = 0.85;
const SURVIVORS = 'reports/mutation/survivors.txt';
const EVERYTHING = ['shared/domain/**/*.ts', 'shared/use-cases/**/*.ts'];

const sample = sampleOf(files.length > 0 ? files : EVERYTHING, share, seed);
if (sample.length === 0) throw new RangeError('Nothing to break: name files of shared/, or raise --share.');

const judged = (await runStryker('quick', sample, 'quick')).filter(isJudged);
const passed = judged.filter(survives);
const again = passed.length === 0 ? [] : await runStryker('slow', passed.map(placeOf), 'all');
const survivors = passed.filter((one) => again.some((other) => survives(other) && isSame(one, other)));

const caught = judged.length - survivors.length;
writeFileSync(SURVIVORS, survivors.map((one) => `${placeOf(one)} ${one.mutatorName} -> ${one.replacement}\n`).join(''));
for (const folder of ['shared/domain/', 'shared/use-cases/']) tell(folder);
process.stdout.write(`${sample.length} declarations: ${rate(caught, judged.length)}; survivors in ${SURVIVORS}\n`);
process.exitCode = caught >= LEAST_SCORE * judged.length ? 0 : 1;

function partOfAll(given: string): number {
  const part = Number(given);
  if (!(part > 0 && part <= 1))
    throw new RangeError('--share is more than 0 and at most 1, 0.2 for every fifth declaration.');
  return part;
}

function tell(folder: string): void {
  const inside = (one: Mutant) => one.file.startsWith(folder);
  const all = judged.filter(inside).length;
  if (all > 0) process.stdout.write(`${folder} ${rate(all - survivors.filter(inside).length, all)}\n`);
}

function rate(some: number, all: number): string {
  return `${((100 * some) / all).toFixed(1)} %, ${some} of ${all} caught`;
}

function isJudged({ status }: Mutant): boolean {
  return status === 'Killed' || status === 'Timeout' || survives({ status });
}

function survives({ status }: Pick<Mutant, 'status'>): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

/** A range that holds this mutant. Those inside it run again, and are not looked at. */
function placeOf({ file, location: { start, end } }: Mutant): string {
  return `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

function isSame(one: Mutant, other: Mutant): boolean {
  return (
    placeOf(one) === placeOf(other) && one.mutatorName === other.mutatorName && one.replacement === other.replacement
  );
}
