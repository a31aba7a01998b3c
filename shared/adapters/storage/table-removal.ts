import { randomUUID } from 'node:crypto';
import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import pMap from 'p-map';
import type { CollectionRemoval } from '../../ports.ts';
import { CHANGE_LIMITS } from './change-limits.ts';
import { CUSTODY_RANGE, HEADER_ROW, REQUEST_ROW, TASK_RANGE } from './collection-rows.ts';
import { allowConditionalRemovals, removal } from './conditional-removals.ts';
import { dropRequestBlob, idInBlobName, REQUEST_BLOBS, removedEntity, removedOf } from './request-rows.ts';
import { fitsKey } from './row-keys.ts';
import { removeRows } from './row-removals.ts';
import { isConflict, isMissing, isMissingHolder } from './storage-errors.ts';
import { firstKeys, ourRow, readRow, submitRows } from './table-rows.ts';

const CALLS_AT_ONCE = 4;

/** How collections leave the table `collections`. The row `r` stays, and keeps their ids taken, until they are forgotten. */
export function createTableRemoval(table: TableClient, blobs: ContainerClient): CollectionRemoval {
  allowConditionalRemovals(table);

  return {
    async remove(header, removed) {
      const { collectionId } = header.value;
      const stamp = randomUUID();
      const request = await readRow(table, collectionId, REQUEST_ROW);
      const actions: TransactionAction[] = [
        removal(collectionId, HEADER_ROW, header.etag),
        ['upsert', removedEntity(removed, stamp), 'Replace'],
      ];
      const { kind } = await submitRows(table, actions);
      if (kind !== 'written' && !(await ourRow(table, collectionId, REQUEST_ROW, stamp))) return 'conflict';
      if (request) await dropRequestBlob(blobs, request);
      return 'written';
    },

    async removed(collectionId) {
      if (!fitsKey(collectionId)) return undefined;
      const row = await readRow(table, collectionId, REQUEST_ROW);
      const value = row && removedOf(row);
      return value && { value, etag: row.etag };
    },

    async clear(collectionId, rows) {
      const tasks = await firstKeys(table, collectionId, TASK_RANGE, rows);
      const events = await firstKeys(table, collectionId, CUSTODY_RANGE, rows - tasks.length);
      const keys = [...tasks, ...events];
      for (let start = 0; start < keys.length; start += CHANGE_LIMITS.rows)
        await removeRows(table, collectionId, keys.slice(start, start + CHANGE_LIMITS.rows));
      return keys.length;
    },

    async forget({ value, etag }) {
      try {
        await table.deleteEntity(value.collectionId, REQUEST_ROW, { etag });
        return 'written';
      } catch (error) {
        if (isConflict(error) || isMissing(error)) return 'conflict';
        throw error;
      }
    },

    async sweepRequests({ before, top, continuation }) {
      const page = await blobPage(blobs, top, continuation);
      const old = page.names.filter(({ storedAt }) => storedAt < before).map(({ name }) => name);
      const swept = await pMap(old, (name) => sweep(table, blobs, name), { concurrency: CALLS_AT_ONCE });
      const count = swept.filter(Boolean).length;
      return page.continuation ? { swept: count, continuation: page.continuation } : { swept: count };
    },
  };
}

/** @returns whether it had no row that names it */
async function sweep(table: TableClient, blobs: ContainerClient, blobName: string): Promise<boolean> {
  const row = await readRow(table, idInBlobName(blobName), REQUEST_ROW);
  if (row?.blobName === blobName) return false;
  await blobs.getBlobClient(blobName).deleteIfExists();
  return true;
}

async function blobPage(blobs: ContainerClient, top: number, continuation: string | undefined) {
  const pages = blobs
    .listBlobsFlat({ prefix: REQUEST_BLOBS })
    .byPage({ maxPageSize: top, ...(continuation === undefined ? {} : { continuationToken: continuation }) });
  try {
    for await (const { segment, continuationToken } of pages) {
      const names = segment.blobItems.map(({ name, properties }) => ({ name, storedAt: +properties.lastModified }));
      return { names, continuation: continuationToken };
    }
    return { names: [], continuation: undefined };
  } catch (error) {
    if (isMissingHolder(error)) return { names: [], continuation: undefined };
    throw error;
  }
}
