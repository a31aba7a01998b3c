/** Rows hold JSON of ASCII characters alone: every other UTF-16 unit is written as `\uXXXX`. */
export const ESCAPED_UNITS = /[^\x20-\x7e]/g;
const ESCAPED_CHARACTERS = 6;

/** How many characters a value takes where it is stored. */
export function storedLength(value: unknown): number {
  const text = JSON.stringify(value);
  return text.length + (ESCAPED_CHARACTERS - 1) * (text.match(ESCAPED_UNITS)?.length ?? 0);
}

/** New or changed rows in one transaction, as they are stored: well below what the store takes (`TRANSACTION_CHARACTERS`). */
const TRANSACTION_FITS = 3_000_000;

/** The first that fit one transaction together; at least one, since every row fits alone. */
export function fittingOneTransaction<T>(all: readonly T[], rowOf: (one: T) => unknown): T[] {
  let characters = 0;
  const end = all.findIndex((one, place) => {
    characters += storedLength(rowOf(one));
    return place > 0 && characters > TRANSACTION_FITS;
  });
  return end < 0 ? [...all] : all.slice(0, end);
}
