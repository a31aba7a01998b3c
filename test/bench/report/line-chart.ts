import type { Series } from '../figures.ts';
import { drawing, line, lookOf, placed, WIDTH, words } from './svg.ts';

export interface LineChart {
  title: string;
  yLabel: string;
  series: readonly Series[];
}

const HEIGHT = 420;
const PLOT = { left: 70, right: WIDTH - 190, top: 70, bottom: HEIGHT - 55 };
const GRID = '#e4e4e4';

/** Curves over hours, the most important one drawn last, so that it lies on top. */
export function lineChart({ title, yLabel, series }: LineChart): string {
  const points = series.flatMap((s) => s.points);
  const hours = Math.max(1, ...points.map(([hour]) => hour));
  const most = Math.max(1, ...points.map(([, value]) => value));
  const x = (hour: number) => PLOT.left + (hour / hours) * (PLOT.right - PLOT.left);
  const y = (value: number) => PLOT.bottom - (value / most) * (PLOT.bottom - PLOT.top);
  return drawing(HEIGHT, title, [
    ...stepsTo(most).flatMap((value) => [
      line(PLOT.left, y(value), PLOT.right, y(value), GRID),
      words(value.toLocaleString('en-US'), { x: PLOT.left - 8, y: y(value) + 4, anchor: 'end' }),
    ]),
    ...stepsTo(hours).flatMap((hour) => [
      line(x(hour), PLOT.bottom, x(hour), PLOT.bottom + 5, '#999999'),
      words(String(hour), { x: x(hour), y: PLOT.bottom + 20, anchor: 'middle' }),
    ]),
    words('hours since the request', { x: (PLOT.left + PLOT.right) / 2, y: HEIGHT - 14, anchor: 'middle' }),
    words(yLabel, { x: PLOT.left - 50, y: PLOT.top - 18 }),
    ...series.toReversed().map((s) => curve(s, x, y)),
    ...series.flatMap(legendEntry),
  ]);
}

function curve({ system, points }: Series, x: (hour: number) => number, y: (value: number) => number): string {
  const { colour, width, dash } = lookOf(system);
  const at = points.map(([hour, value]) => `${placed(x(hour))},${placed(y(value))}`).join(' ');
  return `<polyline points="${at}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dashed(dash)}/>`;
}

function legendEntry({ system }: Series, place: number): string[] {
  const { colour, width, dash } = lookOf(system);
  const [left, at] = [PLOT.right + 20, PLOT.top + 10 + 22 * place];
  return [
    line(left, at, left + 28, at, colour, ` stroke-width="${width}"${dashed(dash)}`),
    words(system, { x: left + 36, y: at + 4, weight: system === 'holdfast' ? 600 : 400 }),
  ];
}

const dashed = (dash: string | undefined): string => (dash === undefined ? '' : ` stroke-dasharray="${dash}"`);

/** Round numbers from 0 up to `most`, five to ten of them. */
export function stepsTo(most: number): number[] {
  const rough = most / 5;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2, 1].map((times) => times * size).find((candidate) => candidate <= rough) ?? size;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, n) => Number((n * step).toPrecision(12)));
}
