import { availableParallelism } from 'node:os';
import process from 'node:process';
import type { Family } from './family.ts';
import { type Figure, type Report, roundedFigure, type Series } from './figures.ts';
import type { FamilyRun } from './report/measurements.ts';

/** Runs a family, prints its lines as they come, and keeps what the report needs of them. */
export async function measureFamily(family: Family, options: { quick: boolean; print: Report }): Promise<FamilyRun> {
  const { quick, print } = options;
  const measuredAt = new Date().toISOString();
  const figures: Figure[] = [];
  const series: Series[] = [];
  const report: Report = (figure) => {
    print(figure);
    if (isForReport(figure)) figures.push(roundedFigure(figure));
  };
  await family.run(report, { quick, draw: (one) => series.push(one) });
  return { measuredAt, quick, node: process.versions.node, cores: availableParallelism(), figures, series };
}

/** Not the lines of single seeds, and of the calls of others only all together. */
const isForReport = ({ seed, system, endpoint }: Figure): boolean =>
  seed === undefined && (system === 'holdfast' || endpoint === undefined || endpoint === 'all');
