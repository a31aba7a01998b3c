import type { Figure } from '../figures.ts';
import { comparedRows, comparedScenarios } from './against-others.ts';
import { type Chart, charts } from './charts.ts';
import { GOALS, judged } from './goals.ts';
import type { FamilyRun, Measurements } from './measurements.ts';
import { readReasons, unreached } from './reasons.ts';
import { comparisonTable, familyTable, goalTable, scenarioTable } from './tables.ts';

/** What people wrote for the report: the reasons of what is not reached, and how the fleets are measured. Markdown. */
export interface HandWritten {
  reasons: string;
  method: string;
}

/** The files of the report by their paths within `docs/`. */
export function reportFiles(measurements: Measurements, written: HandWritten): Map<string, string> {
  const drawn = charts(measurements);
  return new Map([
    ['benchmarks.md', page(measurements, written, drawn)],
    ...drawn.map(({ fileName, svg }): [string, string] => [`benchmarks/${fileName}`, svg]),
    ['benchmarks/figures.json', figuresText(measurements)],
  ]);
}

/** JSON with a line for each figure and curve, so that two reports can be compared. */
function figuresText(measurements: Measurements): string {
  const listed = (list: readonly unknown[]) => `[\n${list.map((one) => JSON.stringify(one)).join(',\n')}\n]`;
  const families = Object.entries(measurements).map(([name, { figures, series, ...run }]) => {
    const conditions = JSON.stringify(run).slice(0, -1);
    return `${JSON.stringify(name)}: ${conditions},"figures":${listed(figures)},"series":${listed(series)}}`;
  });
  return `{\n${families.join(',\n')}\n}\n`;
}

function page(measurements: Measurements, { reasons, method }: HandWritten, drawn: readonly Chart[]): string {
  const goals = judged(GOALS, measurements);
  const reached = goals.filter((goal) => goal.reached).length;
  const measured = goals.filter((goal) => goal.measured !== undefined).length;
  return [
    '# Benchmarks',
    'Written by `npm run bench`; do not edit. The figures themselves are in [figures.json](benchmarks/figures.json).',
    ...quickWarning(measurements),
    runs(measurements),
    '## What is reached',
    `${reached} of ${goals.length} goals are reached${measured < goals.length ? `; ${goals.length - measured} were not measured` : ''}.`,
    goalTable(goals),
    '## What is not reached, and why',
    unreached(goals, readReasons(reasons)),
    ...others(measurements),
    ...drawn.map(({ fileName, title }) => `![${title}](benchmarks/${fileName})`),
    ...fleets(measurements),
    ...Object.entries(measurements)
      .filter(([name]) => name !== 'fleet')
      .flatMap(([name, { figures }]) => [`## ${HEADINGS[name] ?? name}`, familyTable(figures)]),
    method.trim(),
    '',
  ].join('\n\n');
}

const HEADINGS: Readonly<Record<string, string>> = {
  intake: 'Intake, against bare writes to the storage',
  archive: 'Archive, against a plain copy',
  tick: 'Ticks over history',
  cold: 'Cold start',
  cost: 'Cost',
};

const quickWarning = (measurements: Measurements): string[] =>
  Object.values(measurements).some(({ quick }) => quick)
    ? ['> Some families were measured with `--quick`: few seeds and small sizes, for a look. They are no results.']
    : [];

const runs = (measurements: Measurements): string =>
  Object.entries(measurements)
    .map(([name, run]) => `- \`${name}\`: ${conditions(run)}`)
    .join('\n');

const conditions = ({ measuredAt, quick, node, cores }: FamilyRun): string =>
  `${measuredAt.slice(0, 10)}, Node ${node}, ${cores} cores${quick ? ', quick' : ''}`;

function others(measurements: Measurements): string[] {
  const scenarios = comparedScenarios(measurements);
  if (scenarios.length === 0) return [];
  const unbeaten = scenarios
    .flatMap((scenario) => comparedRows(measurements, scenario))
    .flatMap(({ scenario, figure, against }) =>
      against.filter(({ beaten }) => !beaten).map(({ system }) => `${system} in ${figure} of \`${scenario}\``),
    );
  return [
    '## Against other products',
    unbeaten.length === 0
      ? 'Every baseline is beaten in every row. Calls are compared with those alone who lost nothing.'
      : `Not beaten: ${unbeaten.join('; ')}.`,
    'In brackets: how many times better Holdfast is. `none`: there is no such figure, for some evidence never came.',
    ...scenarios.flatMap((scenario) => [`### ${scenario}, all systems`, comparisonTable(measurements, scenario)]),
  ];
}

function fleets(measurements: Measurements): string[] {
  const own = (measurements.fleet?.figures ?? []).filter(({ system }) => system === 'holdfast');
  const named = Map.groupBy(own, ({ scenario, hints }) => `${scenario}${hints === true ? ' with hints' : ''}`);
  if (named.size === 0) return [];
  return ['## Fleets', ...[...named].flatMap(([name, lines]) => [`### ${name}`, bounds(lines), scenarioTable(lines)])];
}

function bounds([line]: readonly Figure[]): string {
  if (line === undefined) return '';
  const { lowerBoundSeconds: lower, oracleSeconds: oracle, makespanSeconds: last, seeds } = line;
  if (typeof lower !== 'number' || typeof oracle !== 'number' || typeof last !== 'number') return '';
  const at = (seconds: number) => `${Math.round(seconds).toLocaleString('en-US')} s`;
  return `${seeds === 1 ? 'One seed' : `${seeds} seeds`}. Last evidence after ${at(last)}; the oracle's after ${at(oracle)}; no schedule at all is done before ${at(lower)}.`;
}
