/** Rows hold JSON of ASCII characters alone: every other UTF-16 unit is written as `\uXXXX`. */
const ESCAPED_CHARACTERS = 6;
const OTHER = /[^\x20-\x7e]/g;

/** How many characters a value takes where it is stored. */
export function storedLength(value: unknown): number {
  const text = JSON.stringify(value);
  return text.length + (ESCAPED_CHARACTERS - 1) * (text.match(OTHER)?.length ?? 0);
}
