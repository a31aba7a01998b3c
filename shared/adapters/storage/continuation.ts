import { ForeignContinuation } from '../../domain/foreign-continuation.ts';

/** Rows with `from <= key < to` (without `to`, to the end), at most `top` of them. */
export interface RowQuery {
  from: string;
  to?: string;
  top: number;
  continuation?: string | undefined;
}

/**
 * Pages continue after the key of their last row: nothing is skipped or seen twice when rows come or go in between, and
 * the last page is known to be the last. Opaque to callers.
 */
export const continuationAfter = (key: string): string => Buffer.from(key).toString('base64url');

/** @throws ForeignContinuation when it did not come from a page of the same rows */
export function continuationKey({ from, to, continuation }: Omit<RowQuery, 'top'>): string | undefined {
  if (continuation === undefined) return undefined;
  const key = Buffer.from(continuation, 'base64url').toString();
  const within = key >= from && (to === undefined || key < to);
  // no row's key holds control characters, and the service would refuse to look for one
  if (!within || continuationAfter(key) !== continuation || /\p{Cc}/u.test(key)) throw new ForeignContinuation();
  return key;
}
