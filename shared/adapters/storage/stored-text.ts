import { ESCAPED_UNITS } from '../../domain/stored-length.ts';
import { checkRowLength } from './change-limits.ts';

/** The JSON under which a value lies in its row. @throws RangeError when it does not fit one */
export function storedText(value: unknown, what: string): string {
  const text = asciiJson(value);
  checkRowLength(text.length, what);
  return text;
}

/**
 * JSON of ASCII characters alone: U+2028, or a letter of several bytes that a reader meets in two pieces, cannot come to
 * harm on the way (Azurite damages both).
 */
export const asciiJson = (value: unknown): string => JSON.stringify(value).replace(ESCAPED_UNITS, escaped);

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
