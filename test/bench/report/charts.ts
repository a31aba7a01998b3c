import type { Series } from '../figures.ts';
import { comparedScenarios, lostOf } from './against-others.ts';
import { type Bar, barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';
import { figureOf, type Measurements } from './measurements.ts';

export interface Chart {
  fileName: string;
  /** What it says to those who do not see it. */
  title: string;
  svg: string;
}

/** Every chart that the measurements allow. */
export function charts(measurements: Measurements): Chart[] {
  const series = measurements.fleet?.series ?? [];
  const scenarios = [...new Set(series.map(({ scenario }) => scenario))].sort();
  return [
    ...scenarios.flatMap((scenario) =>
      curveChart(series, scenario, 'evidence', `Evidence over time, ${scenario}, seed 1`, 'devices with evidence'),
    ),
    ...scenarios.flatMap((scenario) =>
      curveChart(series, scenario, 'slots', `Sessions held, ${scenario}, seed 1`, 'of 25 sessions'),
    ),
    ...callsChart(measurements),
  ];
}

function curveChart(
  all: readonly Series[],
  scenario: string,
  chart: Series['chart'],
  title: string,
  yLabel: string,
): Chart[] {
  const series = all.filter((s) => s.scenario === scenario && s.chart === chart).toSorted(byProminence);
  if (series.length === 0) return [];
  return [{ fileName: `${chart}-${scenario}.svg`, title, svg: lineChart({ title, yLabel, series }) }];
}

const PROMINENT = ['holdfast', 'oracle'];
const placeOf = ({ system }: Series): number => {
  const place = PROMINENT.indexOf(system);
  return place < 0 ? PROMINENT.length : place;
};
const byProminence = (a: Series, b: Series): number => placeOf(a) - placeOf(b);

function callsChart(measurements: Measurements): Chart[] {
  const groups = comparedScenarios(measurements).map((scenario) => ({
    name: scenario,
    bars: barsOf(measurements, scenario),
  }));
  if (groups.length === 0) return [];
  const title = 'Defender calls for each task with evidence (logarithmic)';
  return [{ fileName: 'calls.svg', title, svg: barChart({ title, groups }) }];
}

function barsOf(measurements: Measurements, scenario: string): Bar[] {
  const systems = [...new Set(measurements.fleet?.figures.map(({ system }) => system) ?? [])];
  return systems.flatMap((system): Bar[] => {
    const wanted = { bench: 'fleet', scenario, figure: 'calls-per-task', endpoint: 'all', system };
    const calls = figureOf(measurements, wanted);
    if (calls === undefined) return [];
    const { median } = lostOf(measurements, scenario, system);
    return [{ system, value: calls.value, ...(median > 0 ? { note: `${median.toLocaleString('en-US')} lost` } : {}) }];
  });
}
