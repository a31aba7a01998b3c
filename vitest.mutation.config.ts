import process from 'node:process';
import { defineConfig } from 'vitest/config';

const useCase = (name: string): string => `test/shared/use-cases/${name}.test.ts`;

/** A second or more each, and about amounts: what they would catch beyond the others is not worth hours of a run. */
const ABOUT_AMOUNTS = ['a-thousand-devices', 'years-of-history', 'long-commands'].map(useCase);

/** Long stories, which meet nearly everything: they judge only what no other test has noticed (test/mutation/). */
const STORIES = [
  'defender-faults',
  'early-results',
  'hold-result/hold-result',
  'keep-house',
  'lost-replies',
  'one-run-serves-many',
  'sleeping-devices',
  'submits-under-limits',
].map(useCase);
const { MUTATION_TESTS } = process.env;

/** The tests that judge a broken rule (`npm run mutation`): those of the rules and of the use cases, none that starts a server. */
export default defineConfig({
  test: {
    include: ['test/shared/domain/**/*.test.ts', 'test/shared/use-cases/**/*.test.ts'],
    exclude: ['test/**/*.emulator.test.ts', ...ABOUT_AMOUNTS, ...(MUTATION_TESTS === 'quick' ? STORIES : [])],
    isolate: false,
    testTimeout: 60_000,
  },
});
