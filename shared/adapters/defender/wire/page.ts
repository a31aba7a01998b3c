import { z } from 'zod';
import type { DefenderPage } from '../../../ports.ts';
import { anything } from './open-schemas.ts';

const WirePage = z.object({ value: z.array(z.unknown()), '@odata.nextLink': anything });

export interface ReadPage<T> extends DefenderPage<T> {
  /** Entries that could not be read and are left out. */
  unreadable: number;
  /** Entries on the page, readable or not. */
  entries: number;
}

/**
 * A page of a list, each entry read on its own. `next` is the query of the next page.
 *
 * Only the query of `@odata.nextLink` is used, on the address that we asked: Defender may name another of its hosts
 * there, and a token must go nowhere but to the configured one.
 * @returns nothing when the body is no page
 */
export function readPage<T>(body: unknown, readEntry: (entry: unknown) => T | undefined): ReadPage<T> | undefined {
  const parsed = WirePage.safeParse(body);
  if (!parsed.success) return undefined;
  const entries = parsed.data.value;
  const value = entries.flatMap((entry) => readEntry(entry) ?? []);
  const next = nextQuery(parsed.data['@odata.nextLink']);
  return {
    value,
    ...(next === undefined ? {} : { next }),
    unreadable: entries.length - value.length,
    entries: entries.length,
  };
}

function nextQuery(link: unknown): string | undefined {
  const query = typeof link === 'string' ? URL.parse(link)?.search : undefined;
  return query === undefined || query === '' ? undefined : query;
}
