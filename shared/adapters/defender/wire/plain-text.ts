import { redactText } from '../../telemetry/redact.ts';

/** Controls, and characters that change the direction of writing. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;
const LINK = /\bhttps?(?::|%3a)\S+/gi;

/** Longest text of Defender's that is kept, in UTF-16 units. */
const LONGEST = 500;
/** What lies behind is not even looked at. */
const LONGEST_READ = 8_192;

/** Defender's own words, fit to be stored and shown: no link, no secret, no invisible character, at most 500 long. */
export function plainText(text: string): string {
  const plain = redactText(text.slice(0, LONGEST_READ).replace(INVISIBLE, ' ').replace(LINK, '[link removed]')).trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
}
