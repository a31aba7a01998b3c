import type { Page } from '../../ports.ts';
import { continuationAfter, continuationKey, type RowQuery } from './continuation.ts';

/** Rows by key, in ascending order of key (UTF-16, as tables sort), for the in-memory twins. */
export class SortedRows<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #keys: string[] = [];

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  put(key: string, row: Row): void {
    if (!this.#rows.has(key)) this.#keys.splice(this.#firstFrom(key), 0, key);
    this.#rows.set(key, row);
  }

  remove(key: string): void {
    if (this.#rows.delete(key)) this.#keys.splice(this.#firstFrom(key), 1);
  }

  /** Rows whose key begins so. */
  under(prefix: string): Row[] {
    const rows: Row[] = [];
    for (let at = this.#firstFrom(prefix); this.#keys[at]?.startsWith(prefix); at += 1) rows.push(this.#at(at));
    return rows;
  }

  page<T>(query: RowQuery, shown: (row: Row, key: string) => T): Page<T> {
    const after = continuationKey(query);
    const start = after === undefined ? this.#firstFrom(query.from) : this.#firstAfter(after);
    const end = query.to === undefined ? this.#keys.length : this.#firstFrom(query.to);
    const keys = this.#keys.slice(start, Math.min(end, start + query.top));
    const value = keys.map((key, place) => shown(this.#at(start + place), key));
    const last = keys.at(-1);
    return start + keys.length < end && last !== undefined
      ? { value, continuation: continuationAfter(last) }
      : { value };
  }

  #at(place: number): Row {
    // every key has its row
    return this.#rows.get(this.#keys[place] ?? '') as Row;
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
