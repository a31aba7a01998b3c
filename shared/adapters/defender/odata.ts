import { type EpochMs, toIso } from '../../domain/time.ts';

/** Queries of Defender's lists. @see defender-docs exposed-apis-odata-samples */

/** Entries on one page of machines; also the most that Defender gives. */
export const MACHINES_PER_PAGE = 10_000;

/** A text as OData writes it: in single quotes, its own doubled. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export function actionsByIds(ids: readonly string[]): string {
  return query({ $filter: `id in (${ids.map(quoted).join(',')})`, $top: '1000' });
}

/** Newest first: what was just submitted must be on the first page. */
export function liveResponsesOf(machineId: string): string {
  return query({
    $filter: `machineId eq ${quoted(machineId)} and type eq 'LiveResponse'`,
    $orderby: 'creationDateTimeUtc desc',
    $top: '100',
  });
}

export const machinesFrom = (skip: number): string => query({ $top: String(MACHINES_PER_PAGE), $skip: String(skip) });

/** The function's path segment; `at` within the last 30 days. */
export function findByIp(ipAddress: string, at: EpochMs): string {
  return `findbyip(ip=${encodeURIComponent(quoted(ipAddress))},timestamp=${toIso(at)})`;
}

/** `$` stays as it is and spaces are `%20`: not every OData parser takes `+` for a space. */
function query(options: Record<string, string>): string {
  return `?${Object.entries(options)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`;
}
