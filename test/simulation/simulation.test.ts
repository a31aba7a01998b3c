import { beforeAll, describe, expect, it } from 'vitest';
import { runSeeds } from './pool.ts';
import { REGRESSIONS } from './regressions.ts';
import type { SeedReport } from './run-seed.ts';
import { Summary } from './summary.ts';

/** Enough to notice what breaks often; `npm run simulate -- --seeds 10000` notices the rest. */
const SEEDS = Array.from({ length: 80 }, (_, n) => n + 1);
const PATIENCE_MS = 240_000;

const reports = new Map<number, SeedReport>();
const wrongs = (seeds: readonly number[]): string[] =>
  seeds.flatMap((seed) => {
    const violation = reports.get(seed)?.violation;
    return violation === undefined ? [] : [`npm run simulate -- --seed ${seed}: ${violation}`];
  });

beforeAll(async () => {
  const seeds = new Set([...SEEDS, ...REGRESSIONS.map(({ seed }) => seed)]);
  await runSeeds(seeds, { threads: 2, onReport: (report) => reports.set(report.seed, report) && true });
}, PATIENCE_MS);

describe('simulated worlds, in which everything that can go wrong does', () => {
  it('end every collection, with every result, within every limit', () => {
    expect(wrongs(SEEDS)).toEqual([]);
    expect(reports.size).toBeGreaterThanOrEqual(SEEDS.length);
  });

  it.each(REGRESSIONS)('hold where seed $seed once found that $found', ({ seed }) => {
    expect(wrongs([seed])).toEqual([]);
  });

  it('are of a size that counts', () => {
    const summary = new Summary();
    for (const report of reports.values()) summary.add(report);
    expect(summary.median('instances')).toBeGreaterThanOrEqual(2);
    expect(summary.median('tasks')).toBeGreaterThanOrEqual(20);
    expect(summary.median('virtualHours')).toBeGreaterThanOrEqual(24);
    expect(summary.median('ioSteps')).toBeGreaterThanOrEqual(500);
  });

  it(
    'tell the same story for the same seed',
    async () => {
      const stories: string[][] = [];
      const onReport = ({ story = [] }: SeedReport): true => stories.push(story) > 0 || true;
      await runSeeds([9, 9], { threads: 2, told: true, everything: true, onReport });
      const [first, second] = stories;
      expect(first?.length).toBeGreaterThan(500);
      expect(second).toEqual(first);
    },
    PATIENCE_MS,
  );
});
