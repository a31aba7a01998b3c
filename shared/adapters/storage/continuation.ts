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

export const continuationKey = (continuation: string | undefined): string | undefined =>
  continuation === undefined ? undefined : Buffer.from(continuation, 'base64url').toString();
