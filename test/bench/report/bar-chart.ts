import { shown } from './numbers.ts';
import { drawing, lookOf, placed, WIDTH, words } from './svg.ts';

export interface Bar {
  system: string;
  value: number;
  /** Said beside it. */
  note?: string;
}

export interface BarChart {
  title: string;
  groups: readonly { name: string; bars: readonly Bar[] }[];
}

const BAR = 18;
const GAP = 5;
const GROUP_GAP = 34;
const LEFT = 170;
const LONGEST = WIDTH - LEFT - 260;

/** Bars on a logarithmic scale: values lie far apart. The numbers stand beside them, for length alone misleads there. */
export function barChart({ title, groups }: BarChart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
  const [least, most] = [Math.min(1, ...values), Math.max(10, ...values)];
  const length = (value: number) =>
    value <= 0 ? 0 : Math.max(2, (Math.log(value / least) / Math.log(most / least)) * LONGEST);
  const shapes: string[] = [];
  let y = 50;
  for (const { name, bars } of groups) {
    shapes.push(words(name, { x: 20, y: y + 12, size: 13, weight: 600 }));
    y += 22;
    for (const { system, value, note } of bars) {
      const label = note === undefined ? shown(value) : `${shown(value)}, ${note}`;
      shapes.push(
        words(system, { x: LEFT - 10, y: y + 13, anchor: 'end', weight: system === 'holdfast' ? 600 : 400 }),
        `<rect x="${LEFT}" y="${placed(y)}" width="${placed(length(value))}" height="${BAR}" fill="${lookOf(system).colour}"/>`,
        words(label, { x: LEFT + length(value) + 8, y: y + 13 }),
      );
      y += BAR + GAP;
    }
    y += GROUP_GAP - BAR;
  }
  return drawing(y + 6, title, shapes);
}
