import type { Collection } from '../../domain/collection.ts';
import type { CustodyEvent } from '../../domain/custody.ts';
import type { CollectionRequest } from '../../domain/request/collection-request.ts';
import type { RemovedCollection } from '../../domain/retention.ts';
import type { Task } from '../../domain/task.ts';
import type { SortedRows } from './sorted-rows.ts';

/** Everything of one collection, as kept values. */
export interface Partition {
  /** Absent once the collection was removed. */
  header?: Collection;
  /** Of the header; of what is remembered when that is gone. */
  etag: string;
  /** Absent once the collection was removed. */
  request?: CollectionRequest;
  /** What is remembered of a removed collection. */
  removed?: RemovedCollection;
  tasks: SortedRows<Task>;
  custody: CustodyEvent[];
}
