import type { Page } from '../../ports.ts';
import { continuationAfter, continuationKey, type RowQuery } from './continuation.ts';

/** Rows by key, in ascending order of key (UTF-16, as tables sort), for the in-memory twins. */
export class SortedRows<Row> {
  readonly #keys: string[] = [];
  /** The row of each key, at its place. */
  readonly #rows: Row[] = [];

  get(key: string): Row | undefined {
    const at = this.#firstFrom(key);
    return this.#keys[at] === key ? this.#rows[at] : undefined;
  }

  put(key: string, row: Row): void {
    const at = this.#firstFrom(key);
    if (this.#keys[at] === key) this.#rows[at] = row;
    else {
      this.#keys.splice(at, 0, key);
      this.#rows.splice(at, 0, row);
    }
  }

  remove(key: string): void {
    const at = this.#firstFrom(key);
    if (this.#keys[at] !== key) return;
    this.#keys.splice(at, 1);
    this.#rows.splice(at, 1);
  }

  /** Rows whose key begins so. */
  under(prefix: string): Row[] {
    const start = this.#firstFrom(prefix);
    let end = start;
    while (this.#keys[end]?.startsWith(prefix)) end += 1;
    return this.#rows.slice(start, end);
  }

  page(query: RowQuery): Page<Row> {
    const after = continuationKey(query);
    const start = after === undefined ? this.#firstFrom(query.from) : this.#firstAfter(after);
    const end = query.to === undefined ? this.#keys.length : this.#firstFrom(query.to);
    const cut = Math.max(start, Math.min(end, start + query.top));
    const value = this.#rows.slice(start, cut);
    const last = cut > start ? this.#keys[cut - 1] : undefined;
    return cut < end && last !== undefined ? { value, continuation: continuationAfter(last) } : { value };
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
