const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,12}))?)?(?:Z|([+-])(\d{2}):(\d{2}))$/i;

/**
 * An ISO 8601 instant, with `Z` or an offset, as UTC with milliseconds: the one spelling in which instants are kept.
 * @returns undefined for anything else, dates that no calendar has (30 February) and times without a zone included.
 * Finer digits than milliseconds are cut off: Logic Apps and PowerShell write seven.
 */
export function readInstant(text: string): string | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [number, number, number, number, number];
  const second = Number(match[6] ?? 0);
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offsetMinutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59)
    return undefined;

  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  // A day that this month does not have lies in another.
  if (local.getUTCMonth() !== month - 1) return undefined;
  local.setUTCHours(hour, minute, second, millisecond);
  const utc = new Date(local.getTime() - (match[8] === '-' ? -1 : 1) * offsetMinutes * 60_000);
  // Years outside 0000-9999 have another spelling, which would not sort as text.
  return utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999 ? undefined : utc.toISOString();
}
