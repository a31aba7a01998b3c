import { median, type Report } from '../figures.ts';

/** A figure of one seed, before it is told which seed and scenario it belongs to. */
export interface Measured {
  figure: string;
  value: number;
  unit: string;
  against?: string;
  ratio?: number;
  [more: string]: string | number | undefined;
}

/** Seeds 1 to `count`. */
export const seedsUpTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);

/**
 * Measures a scenario seed by seed: a line for each figure of each seed, then the medians without a seed.
 * Values and ratios have each a median of their own.
 */
export async function reportSeeds(
  report: Report,
  scenario: string,
  seeds: readonly number[],
  measure: (seed: number) => Promise<Measured[]>,
  system = 'holdfast',
): Promise<void> {
  const all: Measured[] = [];
  for (const seed of seeds) {
    for (const measured of await measure(seed)) {
      all.push(measured);
      report({ bench: 'fleet', scenario, system, ...measured, seed });
    }
  }
  const alike = Map.groupBy(all, (m) => `${m.figure} ${String(m.endpoint ?? '')}`);
  for (const group of alike.values()) report({ bench: 'fleet', scenario, system, ...middleOf(group) });
}

function middleOf(group: readonly Measured[]): Measured {
  const [first] = group;
  if (first === undefined) throw new Error('there is no median of nothing');
  const middle = Object.entries(first).map(([name, value]) => {
    const numbers = group.map((m) => m[name]).filter((v) => typeof v === 'number');
    return [name, typeof value === 'number' ? median(numbers) : value];
  });
  return { ...first, ...Object.fromEntries(middle) };
}
