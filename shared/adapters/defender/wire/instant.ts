import type { EpochMs } from '../../../domain/time.ts';

/**
 * An instant as Defender writes it: ISO 8601 with 0 to 7 fractional digits, `Z` or an offset, sometimes without either
 * and then UTC.
 * @returns epoch ms, cut to whole ms; nothing when it cannot be read, or is .NET's `0001-01-01` for "never"
 */
export function readInstant(value: unknown): EpochMs | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/i.exec(value.trim());
  if (match === null) return undefined;
  const [, seconds = '', fraction = '', zone = 'Z'] = match;
  const at = Date.parse(`${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${zone.toUpperCase()}`);
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}
