import type { ApiError } from './errors.ts';

/** What came of reading a request: its value, or the answer that refuses it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ApiError };
