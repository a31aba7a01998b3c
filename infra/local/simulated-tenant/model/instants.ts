import { seedFrom } from './random.ts';

/** How many fractional digits an instant shows, 0 to 7, or `vary` for any number of them. */
export type FractionDigits = number | 'vary';

/** Texts of instants asked for before: answers show the same few again and again. */
const written = new Map<FractionDigits, Map<number, string>>();
const REMEMBERED = 10_000;

/**
 * An instant as Defender writes it: ISO 8601 UTC with up to seven fractional digits, trailing zeros trimmed.
 * The digits below a millisecond are made up from the instant itself, so the same instant always reads the same.
 * @param at epoch ms
 */
export function instant(at: number, digits: FractionDigits): string {
  const whole = Math.floor(at);
  const known = written.get(digits) ?? new Map<number, string>();
  const before = known.get(whole);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const text = textOf(whole, digits);
  written.set(digits, known.set(whole, text));
  return text;
}

function textOf(whole: number, digits: FractionDigits): string {
  const iso = new Date(whole).toISOString();
  const made = seedFrom(whole);
  const shown = digits === 'vary' ? made % 8 : digits;
  const below = String(made % 10_000).padStart(4, '0');
  const fraction = `${iso.slice(20, 23)}${below}`.slice(0, shown).replace(/0+$/, '');
  return fraction === '' ? `${iso.slice(0, 19)}Z` : `${iso.slice(0, 19)}.${fraction}Z`;
}
