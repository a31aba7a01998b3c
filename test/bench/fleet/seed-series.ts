import { median, type Report } from '../figures.ts';
import type { SeedFigures } from './measure-seed.ts';
import type { Measured } from './rows/row.ts';

/** Seeds 1 to `count`. */
export const seedsUpTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);

/** A line for each figure of each seed, then the medians without a seed, system by system. */
export function reportSeeds(report: Report, scenario: string, bySeed: ReadonlyMap<number, SeedFigures>): void {
  const seeds = [...bySeed].sort(([a], [b]) => a - b);
  const systems = seeds[0]?.[1].systems.map(({ system }) => system) ?? [];
  for (const system of systems) {
    const line = { bench: 'fleet', scenario, system };
    const all: Measured[] = [];
    for (const [seed, { systems: measured }] of seeds) {
      for (const figure of measured.find((m) => m.system === system)?.figures ?? []) {
        all.push(figure);
        report({ ...line, ...figure, seed });
      }
    }
    for (const row of mediansOf(all, seeds.length)) report({ ...line, ...row });
  }
}

/**
 * One row for each figure that every seed has: who lost evidence of some seeds has no makespan of the others. Values and
 * ratios have each a median of their own; `least` and `most` are those of the values.
 */
export function mediansOf(measured: readonly Measured[], seeds: number): Measured[] {
  const alike = Map.groupBy(measured, (m) => `${m.figure} ${String(m.endpoint ?? '')}`);
  return [...alike.values()].flatMap((group) => (group.length === seeds ? middleOf(group) : []));
}

function middleOf(group: readonly Measured[]): Measured[] {
  const [first] = group;
  if (first === undefined) return [];
  const middle = Object.entries(first).map(([name, value]) => {
    const numbers = group.map((m) => m[name]).filter((v) => typeof v === 'number');
    return [name, typeof value === 'number' ? median(numbers) : value];
  });
  const values = group.map(({ value }) => value);
  const spread = { least: Math.min(...values), most: Math.max(...values), seeds: group.length };
  return [{ ...first, ...Object.fromEntries(middle), ...spread }];
}
