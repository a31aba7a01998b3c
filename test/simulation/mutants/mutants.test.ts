import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ALL_MUTANTS } from './run-mutants.ts';

it.each(ALL_MUTANTS)('the mutant "$name" still finds what it breaks', async ({ edits }) => {
  for (const { file, find, put } of edits) {
    const source = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
    expect(source.split(find)).toHaveLength(2);
    expect(put).not.toBe(find);
  }
});
