import { defineConfig } from 'vitest/config';

/**
 * Three heights: `unit` needs nothing, `emulator` needs Azurite, `e2e` starts the whole local system; of those, `kill` mostly
 * waits and has others beside it.
 */
export default defineConfig({
  test: {
    // without a word, one core of two stands idle
    maxWorkers: '100%',
    // the report in a file is what `.ci/run` counts
    reporters: ['default', ['json', { outputFile: 'reports/vitest.json' }]],
    projects: [
      {
        test: {
          name: 'unit',
          // starts faster than processes, of which these tests need none of their own
          pool: 'threads',
          // properties and simulations are quick, but not on a machine that also runs the other projects
          testTimeout: 60_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/contracts/**', 'test/e2e/**', 'test/**/*.emulator.test.ts'],
        },
      },
      {
        test: {
          name: 'emulator',
          include: ['test/contracts/**/*.test.ts', 'test/**/*.emulator.test.ts'],
          globalSetup: ['test/azurite-setup.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'kill',
          include: ['test/e2e/kill/**/*.test.ts'],
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/kill/**'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
