import { defineConfig } from 'vitest/config';

/** The tests that judge a broken rule (`npm run mutation`): those of the rules and of the use cases, none that starts a server. */
export default defineConfig({
  test: {
    include: ['test/shared/domain/**/*.test.ts', 'test/shared/use-cases/**/*.test.ts', 'test/world/**/*.test.ts'],
    exclude: ['test/**/*.emulator.test.ts'],
    testTimeout: 60_000,
  },
});
