import { addCounts, coverageTable, noCounts, reasonsForGaps, uncovered } from './coverage.ts';
import type { SeedReport } from './run-seed.ts';

/** What a run of many seeds came to. */
export class Summary {
  readonly failed: SeedReport[] = [];
  readonly counts = noCounts();
  readonly #sizes: { instances: number; tasks: number; virtualHours: number; ioSteps: number }[] = [];

  get seeds(): number {
    return this.#sizes.length;
  }

  add(report: SeedReport): void {
    this.#sizes.push(report);
    addCounts(this.counts, report.counts);
    if (report.violation !== undefined) this.failed.push(report);
  }

  median(of: 'instances' | 'tasks' | 'virtualHours' | 'ioSteps'): number {
    const sorted = this.#sizes.map((size) => size[of]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  text(seconds: number): string {
    const rate = (this.seeds / Math.max(0.001, seconds)).toFixed(1);
    const median = [
      `${this.median('instances')} instances`,
      `${this.median('tasks')} tasks`,
      `${this.median('virtualHours').toFixed(1)} virtual hours`,
      `${this.median('ioSteps')} I/O steps`,
    ].join(', ');
    const gaps = uncovered(this.counts);
    return [
      coverageTable(this.counts),
      `impossible (-): ${reasonsForGaps().join('; ')}`,
      gaps.length === 0 ? 'every fault struck every step' : `not covered: ${gaps.join(', ')}`,
      '',
      `${this.seeds} seeds in ${seconds.toFixed(0)} s, ${rate} a second; the median seed: ${median}`,
      `${this.failed.length} failed`,
    ].join('\n');
  }
}
