import { defineConfig } from 'vitest/config';

/** A second or more each, and about amounts: what they would catch beyond the others is not worth hours of a run. */
const ABOUT_AMOUNTS = ['a-thousand-devices', 'years-of-history', 'long-commands'].map(
  (name) => `test/shared/use-cases/${name}.test.ts`,
);

/** The tests that judge a broken rule (`npm run mutation`): those of the rules and of the use cases, none that starts a server. */
export default defineConfig({
  test: {
    include: ['test/shared/domain/**/*.test.ts', 'test/shared/use-cases/**/*.test.ts'],
    exclude: ['test/**/*.emulator.test.ts', ...ABOUT_AMOUNTS],
    testTimeout: 60_000,
  },
});
