/** Figures as people read them: a few digits that count, thousands apart. */
export function shown(value: number, unit = '', precision = 4): string {
  const digits = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(precision));
  const text = digits.toLocaleString('en-US', { maximumFractionDigits: 6 });
  return unit === '' || unit === 'count' ? text : `${text} ${unit}`;
}

export const timesShown = (times: number): string =>
  Number.isFinite(times) ? `${times.toLocaleString('en-US', { maximumSignificantDigits: 3 })} x` : 'all of it';
