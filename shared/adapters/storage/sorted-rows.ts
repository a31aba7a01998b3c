import type { Page } from '../../ports.ts';
import { continuationAfter, continuationKey, type RowQuery } from './continuation.ts';

/** Texts by key, in ascending order of key (UTF-16, as tables sort), for the in-memory twins. */
export class SortedRows {
  readonly #texts = new Map<string, string>();
  readonly #keys: string[] = [];

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  put(key: string, text: string): void {
    if (!this.#texts.has(key)) this.#keys.splice(this.#firstFrom(key), 0, key);
    this.#texts.set(key, text);
  }

  remove(key: string): void {
    if (this.#texts.delete(key)) this.#keys.splice(this.#firstFrom(key), 1);
  }

  page<T>(query: RowQuery, row: (key: string, text: string) => T): Page<T> {
    const after = continuationKey(query);
    const start = after === undefined ? this.#firstFrom(query.from) : this.#firstAfter(after);
    const end = query.to === undefined ? this.#keys.length : this.#firstFrom(query.to);
    const keys = this.#keys.slice(start, Math.min(end, start + query.top));
    const value = keys.map((key) => row(key, this.#texts.get(key) ?? ''));
    const last = keys.at(-1);
    return start + keys.length < end && last !== undefined
      ? { value, continuation: continuationAfter(last) }
      : { value };
  }

  #firstAfter(key: string): number {
    const at = this.#firstFrom(key);
    return this.#keys[at] === key ? at + 1 : at;
  }

  /** Binary search: the place of the first key that is not below `key`. */
  #firstFrom(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
