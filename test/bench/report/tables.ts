import type { Figure } from '../figures.ts';
import { type Compared, comparedRows, lostOf } from './against-others.ts';
import type { JudgedGoal } from './goals.ts';
import type { Measurements } from './measurements.ts';
import { shown, timesShown } from './numbers.ts';

/** Tables of the report, as Markdown. */

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export const goalTable = (goals: readonly JudgedGoal[]): string =>
  table(
    ['what', 'goal', 'measured', 'reached'],
    goals.map((goal) => [goal.text, boundOf(goal), measuredOf(goal), reachedOf(goal)]),
  );

const boundOf = ({ atMost, atLeast, unit }: JudgedGoal): string =>
  atMost === undefined ? `at least ${shown(atLeast ?? 0, unit)}` : `at most ${shown(atMost, unit)}`;

/** One digit more than the goals have: what fails by a hair is seen to. */
const measuredOf = ({ measured, unit }: JudgedGoal): string =>
  measured === undefined ? 'not measured' : shown(measured, unit, 5);

const reachedOf = ({ measured, reached }: JudgedGoal): string =>
  measured === undefined ? '' : reached ? 'yes' : '**no**';

/** Holdfast's own figures of a scenario. */
export const scenarioTable = (figures: readonly Figure[]): string =>
  table(
    ['figure', 'median', 'least to most', 'against'],
    figures.map((line) => [
      line.endpoint === undefined ? line.figure : `${line.figure}, ${String(line.endpoint)}`,
      shown(line.value, line.unit),
      typeof line.least === 'number' && typeof line.most === 'number'
        ? `${shown(line.least)} to ${shown(line.most)}`
        : '',
      line.ratio === undefined ? '' : `${shown(line.ratio)} x ${line.against ?? ''}`,
    ]),
  );

/** All systems of a scenario side by side: the figure, and how many times better Holdfast's is. */
export function comparisonTable(measurements: Measurements, scenario: string): string {
  const rows = comparedRows(measurements, scenario);
  const systems = rows[0]?.against.map(({ system }) => system) ?? [];
  return table(
    ['', 'holdfast', ...systems],
    [
      ...rows.map(({ figure, unit, holdfast, against }) => [
        `${figure} (${unit})`,
        shown(holdfast),
        ...against.map(comparedCell),
      ]),
      [
        'lost (devices; worst seed)',
        ...['holdfast', ...systems].map((system) => lostCell(measurements, scenario, system)),
      ],
    ],
  );
}

function comparedCell({ value, times, beaten }: Compared): string {
  if (value === undefined) return 'none';
  // its calls are no measure of who lost evidence
  if (times === undefined) return `${shown(value)} (lost evidence)`;
  return beaten ? `${shown(value)} (${timesShown(times)})` : `**${shown(value)} (${timesShown(times)}, not beaten)**`;
}

function lostCell(measurements: Measurements, scenario: string, system: string): string {
  const { median, most } = lostOf(measurements, scenario, system);
  return median === most ? shown(median) : `${shown(median)}; ${shown(most)}`;
}

/** Lines of a family that has no table of its own: systems side by side. */
export function familyTable(figures: readonly Figure[]): string {
  const systems = [...new Set(figures.map(({ system }) => system))];
  const rows = [...Map.groupBy(figures, ({ scenario, figure, unit }) => `${scenario} | ${figure} (${unit})`)];
  return table(
    ['scenario', 'figure', ...systems],
    rows.map(([name, lines]) => [
      ...name.split(' | '),
      ...systems.map((system) => cellOf(lines.find((line) => line.system === system))),
    ]),
  );
}

function cellOf(line: Figure | undefined): string {
  if (line === undefined) return '';
  return line.ratio === undefined
    ? shown(line.value)
    : `${shown(line.value)} (${shown(line.ratio)} x ${line.against ?? ''})`;
}
