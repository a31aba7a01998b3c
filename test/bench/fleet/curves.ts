import type { Series } from '../figures.ts';
import type { FleetScenario } from './fleet-scenarios.ts';
import type { ActionSpan, FleetOutcome } from './outcome.ts';

/** Which scenarios are drawn, and over how many hours. Of one seed: a median of curves is no schedule that ever was. */
const CHARTED: Readonly<Record<string, { evidenceHours: number; slotHours?: number }>> = {
  'awake-1000': { evidenceHours: 6, slotHours: 6 },
  'office-500': { evidenceHours: 72, slotHours: 6 },
  'laptops-2000': { evidenceHours: 168 },
};
const MOST_POINTS = 150;

/** What a curve is drawn from; the oracle has no actions. */
type Drawn = Pick<FleetOutcome, 'evidenceAtS'> & Partial<Pick<FleetOutcome, 'actionsOf'>>;

export function curvesOf(scenario: FleetScenario, system: string, { evidenceAtS, actionsOf }: Drawn): Series[] {
  const charted = scenario.hints ? undefined : CHARTED[scenario.name];
  if (charted === undefined) return [];
  const line = { scenario: scenario.name, system };
  const evidence = evidenceCurve(evidenceAtS, charted.evidenceHours);
  const series: Series[] = [{ ...line, chart: 'evidence', unit: 'devices', points: evidence }];
  if (actionsOf !== undefined && charted.slotHours !== undefined)
    series.push({ ...line, chart: 'slots', unit: 'sessions', points: slotCurve(actionsOf.flat(), charted.slotHours) });
  return series;
}

/** How many devices have their evidence, by the hour. */
export function evidenceCurve(evidenceAtS: readonly number[], hours: number): [number, number][] {
  const instants = evidenceAtS.filter((at) => at <= hours * 3600).toSorted((a, b) => a - b);
  const stride = Math.max(1, Math.ceil(instants.length / MOST_POINTS));
  const points = instants.flatMap((at, place): [number, number][] => {
    const shown = place % stride === stride - 1 || place === instants.length - 1;
    return shown ? [[rounded(at / 3600), place + 1]] : [];
  });
  return [[0, 0], ...points, [hours, instants.length]];
}

/** How many sessions are held, on average of each part of the time. */
export function slotCurve(spans: readonly ActionSpan[], hours: number): [number, number][] {
  const widthS = (hours * 3600) / MOST_POINTS;
  const heldS = new Array<number>(MOST_POINTS).fill(0);
  for (const { fromS, toS } of spans) {
    for (let part = Math.floor(fromS / widthS); part < MOST_POINTS && part * widthS < toS; part += 1)
      heldS[part] = (heldS[part] ?? 0) + Math.min(toS, (part + 1) * widthS) - Math.max(fromS, part * widthS);
  }
  return heldS.map((held, part) => [rounded((part * widthS) / 3600), rounded(held / widthS)]);
}

const rounded = (value: number): number => Number(value.toPrecision(4));
