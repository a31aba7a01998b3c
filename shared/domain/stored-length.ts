/** Rows hold JSON of ASCII characters alone: every other UTF-16 unit is written as `\uXXXX`. */
export const ESCAPED_UNITS = /[^\x20-\x7e]/g;
const ESCAPED_CHARACTERS = 6;

/** How many characters a value takes where it is stored. */
export function storedLength(value: unknown): number {
  const text = JSON.stringify(value);
  return text.length + (ESCAPED_CHARACTERS - 1) * (text.match(ESCAPED_UNITS)?.length ?? 0);
}
