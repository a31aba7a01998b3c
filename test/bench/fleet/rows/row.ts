/** A figure of one seed, before it is told which seed, scenario and system it belongs to. */
export interface Measured {
  figure: string;
  value: number;
  unit: string;
  against?: string;
  ratio?: number;
  [more: string]: string | number | boolean | undefined;
}

export const against = (name: string, figure: string, unit: string, value: number, best: number): Measured => ({
  figure,
  value,
  unit,
  against: name,
  ratio: value / best,
});
