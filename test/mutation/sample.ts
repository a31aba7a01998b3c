import { globSync, readFileSync } from 'node:fs';
import { chanceOf } from '../simulation/chance.ts';

/** Where a top-level declaration begins, as our formatter writes it. */
const DECLARATION = /^(export )?(async )?(function|const|class|abstract class)\b/;

/** One in so many top-level declarations of the files, chosen by a seed: whole rules and steps, not single lines. */
export function sampleOf(patterns: readonly string[], share: number, seed: number): string[] {
  const files = globSync([...patterns]).sort();
  return files.flatMap((file) => {
    const chance = chanceOf(seed, file);
    return declarationsOf(readFileSync(file, 'utf8'))
      .filter(() => chance.is(share))
      .map(({ from, to }) => `${file}:${from}-${to}`);
  });
}

/** First and last line of each top-level declaration, counted from 1. */
export function declarationsOf(source: string): { from: number; to: number }[] {
  const lines = source.split('\n');
  const starts = lines.flatMap((line, at) => (DECLARATION.test(line) ? [at + 1] : []));
  return starts.map((from, nth) => ({ from, to: (starts[nth + 1] ?? lines.length + 1) - 1 }));
}
