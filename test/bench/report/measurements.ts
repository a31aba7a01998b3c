import type { Figure, Series } from '../figures.ts';

/** What one family of figures gave, and when. Figures of single seeds are left out: they can be measured again. */
export interface FamilyRun {
  /** ISO 8601 */
  measuredAt: string;
  /** Few seeds and small sizes: a look, no result. */
  quick: boolean;
  node: string;
  cores: number;
  figures: Figure[];
  series: Series[];
}

/** By name of the family. */
export type Measurements = Readonly<Record<string, FamilyRun>>;

/** The families measured now, and of the others what was measured before. */
export const merged = (before: Measurements, now: Measurements): Measurements => ({ ...before, ...now });

/** Which line is meant. `system` is `holdfast` unless it says otherwise. */
export interface Wanted {
  bench: string;
  scenario: string;
  figure: string;
  system?: string;
  endpoint?: string;
  hints?: true;
}

export function figureOf(measurements: Measurements, wanted: Wanted): Figure | undefined {
  const { bench, scenario, figure, system = 'holdfast', endpoint, hints } = wanted;
  return measurements[bench]?.figures.find(
    (line) =>
      line.scenario === scenario &&
      line.figure === figure &&
      line.system === system &&
      line.endpoint === endpoint &&
      line.hints === hints,
  );
}
