import { randomUUID } from 'node:crypto';
import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import pMap from 'p-map';
import type { Collection } from '../../domain/collection.ts';
import type { CustodyEvent } from '../../domain/custody.ts';
import type { Task } from '../../domain/task.ts';
import type { CollectionChange, CollectionStore, Versioned } from '../../ports.ts';
import { checkCollectionChange, checkEvents } from './change-limits.ts';
import {
  CUSTODY_RANGE,
  custodyEntity,
  HEADER_ROW,
  headerEntity,
  REQUEST_ROW,
  TASK_RANGE,
  taskEntity,
  taskRow,
} from './collection-rows.ts';
import { withCustody } from './custody-sequence.ts';
import { dropRequestBlob, requestEntity, requestOf } from './request-rows.ts';
import { fitsKey } from './row-keys.ts';
import { rowValue } from './stored-row.ts';
import { createTableRemoval } from './table-removal.ts';
import { ourRow, readRow, rowPage, rowsWhere, submitRows } from './table-rows.ts';

/** A filter may hold at most 15 comparisons; three are the partition and the range. */
const IDS_PER_QUERY = 12;
const QUERIES_AT_ONCE = 4;

/**
 * Collections in the table `collections`: partition = collection id; `h` header, `r` request, `t|<taskId>` tasks,
 * `c|<sequence>` custody events. Of a removed collection only `r` is left, which then holds what is remembered.
 */
export function createTableCollections(table: TableClient, blobs: ContainerClient): CollectionStore {
  return {
    ...createTableRemoval(table, blobs),

    async create(header, request, events) {
      checkEvents(events);
      const stamp = randomUUID();
      const { collectionId } = header;
      const first = withCustody(header, events);
      const headerRow = headerEntity(first.header, stamp);
      const requestRow = await requestEntity(blobs, collectionId, request, stamp);
      const result = await submitRows(table, [
        ['create', headerRow],
        ['create', requestRow],
        ...first.events.map((event): TransactionAction => ['create', custodyEntity(collectionId, event)]),
      ]);
      if (result.kind === 'written') return 'created';
      // The request row never changes, so its stamp still tells who created it when the header has moved on.
      if (await ourRow(table, collectionId, REQUEST_ROW, stamp)) return 'created';
      await dropRequestBlob(blobs, requestRow);
      return 'exists';
    },

    async header(collectionId) {
      if (!fitsKey(collectionId)) return undefined;
      const row = await readRow(table, collectionId, HEADER_ROW);
      return row && { value: rowValue<Collection>(row, 'header'), etag: row.etag };
    },

    async request(collectionId) {
      if (!fitsKey(collectionId)) return undefined;
      const row = await readRow(table, collectionId, REQUEST_ROW);
      return row && requestOf(blobs, row);
    },

    async tasksById(collectionId, taskIds) {
      if (!fitsKey(collectionId)) return [];
      const rows = await rowsByKey(table, collectionId, taskIds.map(taskRow));
      return rows.map((row) => rowValue<Task>(row, 'task'));
    },

    async tasks(collectionId, page) {
      if (!fitsKey(collectionId)) return { value: [] };
      return rowPage(table, collectionId, { ...TASK_RANGE, ...page }, (row) => rowValue<Task>(row, 'task'));
    },

    async commit(change) {
      checkCollectionChange(change);
      return commit(table, change);
    },

    async custody(collectionId, page) {
      if (!fitsKey(collectionId)) return { value: [] };
      return rowPage(table, collectionId, { ...CUSTODY_RANGE, ...page }, (row) =>
        rowValue<CustodyEvent>(row, 'custody'),
      );
    },
  };
}

async function commit(table: TableClient, change: CollectionChange): Promise<Versioned<Collection> | 'conflict'> {
  const { collectionId } = change.header.value;
  const { tasks = [], removedTaskIds = [], events = [] } = change;
  const stamp = randomUUID();
  const next = withCustody(change.header.value, events);
  const result = await submitRows(table, [
    ['update', headerEntity(next.header, stamp), 'Replace', { etag: change.header.etag }],
    ...tasks.map((task): TransactionAction => ['upsert', taskEntity(collectionId, task), 'Replace']),
    ...removedTaskIds.map((id): TransactionAction => ['delete', { partitionKey: collectionId, rowKey: taskRow(id) }]),
    ...next.events.map((event): TransactionAction => ['create', custodyEntity(collectionId, event)]),
  ]);
  const value = next.header;
  const etag = result.kind === 'written' ? result.etags[0] : undefined;
  if (etag !== undefined) return { value, etag };
  const ours = await ourRow(table, collectionId, HEADER_ROW, stamp);
  if (ours) return { value, etag: ours.etag };
  if (result.kind === 'missing' && removedTaskIds.length > 0) return commitWithoutMissing(table, change);
  return 'conflict';
}

/** A task that is gone already needs no removal; a missing header is a conflict like any other stale one. */
async function commitWithoutMissing(table: TableClient, change: CollectionChange) {
  const { removedTaskIds = [] } = change;
  const { collectionId } = change.header.value;
  const present = new Set((await rowsByKey(table, collectionId, removedTaskIds.map(taskRow))).map(({ key }) => key));
  const still = removedTaskIds.filter((taskId) => present.has(taskRow(taskId)));
  if (still.length === removedTaskIds.length) return 'conflict' as const;
  return commit(table, { ...change, removedTaskIds: still });
}

/** Rows in the order of `keys`, absent ones left out; one storage transaction for twelve. */
async function rowsByKey(table: TableClient, partition: string, keys: string[]) {
  const sorted = [...new Set(keys)].sort();
  const chunks = Array.from({ length: Math.ceil(sorted.length / IDS_PER_QUERY) }, (_, chunk) =>
    sorted.slice(chunk * IDS_PER_QUERY, (chunk + 1) * IDS_PER_QUERY),
  );
  const found = await pMap(chunks, (chunk) => rowsOfChunk(table, partition, chunk), { concurrency: QUERIES_AT_ONCE });
  const rows = new Map(found.flat().map((row) => [row.key, row]));
  return keys.map((key) => rows.get(key)).filter((row) => row !== undefined);
}

async function rowsOfChunk(table: TableClient, partition: string, keys: string[]) {
  const [first, last] = [keys[0] ?? '', keys.at(-1) ?? ''];
  if (keys.length === 1) return [await readRow(table, partition, first)].filter((row) => row !== undefined);
  const range = odata`PartitionKey eq ${partition} and RowKey ge ${first} and RowKey le ${last}`;
  return rowsWhere(table, `${range} and (${keys.map((key) => odata`RowKey eq ${key}`).join(' or ')})`);
}
