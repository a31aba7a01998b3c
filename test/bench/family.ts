import type { Report, Series } from './figures.ts';

/** A family of figures, measured together. */
export interface Family {
  run(report: Report, options: BenchOptions): Promise<void>;
}

export interface BenchOptions {
  /** Fewer seeds, fewer rounds, smaller sizes: for a quick look. */
  quick: boolean;
  /** Takes the curves of the report's charts. */
  draw(series: Series): void;
}
