/** One measured number, as `npm run bench` prints it: one JSON line each on standard output. */
export interface Figure {
  bench: string;
  scenario: string;
  /** `holdfast`, or the name of a baseline. */
  system: string;
  figure: string;
  value: number;
  unit: string;
  /** What `ratio` divides by, measured in the same run. */
  against?: string;
  ratio?: number;
  /** Absent: the median over seeds or rounds. */
  seed?: number;
  [more: string]: string | number | boolean | undefined;
}

export type Report = (figure: Figure) => void;

/** A curve of a chart: what one system did over time. */
export interface Series {
  chart: 'evidence' | 'slots';
  scenario: string;
  system: string;
  unit: string;
  /** Hours from the start and the value then, in order. */
  points: readonly (readonly [hours: number, value: number])[];
}

/** Standard output holds the lines alone; people read standard error. */
export const printFigure: Report = (figure) => {
  process.stdout.write(`${JSON.stringify(roundedFigure(figure))}\n`);
  const ratio = figure.ratio === undefined ? '' : `  = ${figure.ratio.toFixed(3)} x ${figure.against ?? 'baseline'}`;
  const seed = figure.seed === undefined ? '' : `  (seed ${figure.seed})`;
  const name = `${figure.bench} ${figure.scenario} ${figure.system}`.padEnd(40);
  process.stderr.write(`${name} ${figure.figure.padEnd(28)} ${rounded(figure.value)} ${figure.unit}${ratio}${seed}\n`);
};

/** Six digits, as every line has them. */
export const roundedFigure = (figure: Figure): Figure =>
  // the names stay, and what was a number is one
  Object.fromEntries(
    Object.entries(figure).map(([name, v]) => [name, typeof v === 'number' ? rounded(v) : v]),
  ) as Figure;

const rounded = (value: number): number => Number(value.toPrecision(6));

/** The middle value; of an even number, the lower of the two in the middle only when asked for by index. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('there is no median of nothing');
  return middle;
}
