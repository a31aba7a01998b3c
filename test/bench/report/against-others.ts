import type { Figure } from '../figures.ts';
import { figureOf, type Measurements } from './measurements.ts';

/** Which way is better. */
type Better = 'more' | 'less';

/** A baseline beside Holdfast in one row of a scenario. */
export interface Compared {
  system: string;
  /** Absent: it has no such figure, because it lost evidence. */
  value?: number;
  /** How many times better Holdfast is; Infinity beside nothing at all. */
  times?: number;
  beaten: boolean;
}

export interface ComparedRow {
  scenario: string;
  figure: string;
  unit: string;
  holdfast: number;
  against: Compared[];
}

/** The figures by which baselines are to be beaten, in the order in which they are told. */
const BY: readonly { figure: RegExp; better: Better; endpoint?: string }[] = [
  { figure: /^evidence-\d+h$/, better: 'more' },
  { figure: /^makespan$/, better: 'less' },
  { figure: /^time-to-evidence-mean$/, better: 'less' },
  { figure: /^calls-per-task$/, better: 'less', endpoint: 'all' },
];

/** Scenarios in which baselines were replayed, in the order of the figures. */
export function comparedScenarios(measurements: Measurements): string[] {
  const figures = measurements.fleet?.figures ?? [];
  return [...new Set(figures.filter(({ system }) => system !== 'holdfast').map(({ scenario }) => scenario))];
}

export function comparedRows(measurements: Measurements, scenario: string): ComparedRow[] {
  const figures = (measurements.fleet?.figures ?? []).filter((f) => f.scenario === scenario && f.hints === undefined);
  const systems = [...new Set(figures.map(({ system }) => system))].filter((system) => system !== 'holdfast');
  return BY.flatMap(({ figure, better, endpoint }) =>
    figures
      .filter((f) => f.system === 'holdfast' && figure.test(f.figure) && f.endpoint === endpoint)
      .map((own) => ({
        scenario,
        figure: own.figure,
        unit: own.unit,
        holdfast: own.value,
        against: systems.map((system) => compared(measurements, own, system, better)),
      })),
  );
}

function compared(measurements: Measurements, own: Figure, system: string, better: Better): Compared {
  const { scenario, figure, endpoint } = own;
  const wanted = { bench: 'fleet', scenario, figure, system };
  const other = figureOf(measurements, typeof endpoint === 'string' ? { ...wanted, endpoint } : wanted);
  // who loses evidence makes few calls and has no makespan: its loss is what is told
  if (other === undefined || (figure === 'calls-per-task' && lostOf(measurements, scenario, system).most > 0))
    return { system, ...(other === undefined ? {} : { value: other.value }), beaten: true };
  const times = better === 'more' ? own.value / other.value : other.value / own.value;
  return { system, value: other.value, times, beaten: times > 1 };
}

/** Devices whose evidence a system lost: in the median seed, and in the worst. */
export function lostOf(measurements: Measurements, scenario: string, system: string): { median: number; most: number } {
  const lost = figureOf(measurements, { bench: 'fleet', scenario, figure: 'evidence-lost', system });
  return { median: lost?.value ?? 0, most: Number(lost?.most ?? lost?.value ?? 0) };
}
