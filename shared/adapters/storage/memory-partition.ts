import type { SortedRows } from './sorted-rows.ts';

/** Everything of one collection, as JSON. */
export interface Partition {
  /** Absent once the collection was removed. */
  header?: string;
  /** Of the header; of what is remembered when that is gone. */
  etag: string;
  request: string;
  /** What is remembered of a removed collection. */
  removed?: string;
  tasks: SortedRows;
  custody: string[];
}
