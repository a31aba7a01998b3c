import type { ContainerClient } from '@azure/storage-blob';
import type { CollectionRequest } from '../../domain/request/collection-request.ts';
import type { RemovedCollection } from '../../domain/retention.ts';
import { toIso } from '../../domain/time.ts';
import { ROW_CHARACTERS } from './change-limits.ts';
import { REQUEST_ROW } from './collection-rows.ts';
import { type RowEntity, rowEntity, rowValue, type StoredRow } from './stored-row.ts';
import { asciiJson } from './stored-text.ts';

/** No request has such a field. */
const REMOVED = 'removed';
interface Memory {
  [REMOVED]: RemovedCollection;
}

/**
 * A request as the row that holds it. One too large for a row is first stored as a blob of this write alone, which the
 * row then names: until the row exists nobody sees the blob.
 */
export async function requestEntity(
  blobs: ContainerClient,
  partition: string,
  request: CollectionRequest,
  stamp: string,
): Promise<RowEntity> {
  const text = asciiJson(request);
  const row = { partition, key: REQUEST_ROW, stamp };
  if (text.length <= ROW_CHARACTERS) return rowEntity({ ...row, value: request });
  const blobName = requestBlobName(partition, stamp);
  await blobs.getBlockBlobClient(blobName).uploadData(Buffer.from(text), {
    blobHTTPHeaders: { blobContentType: 'application/json' },
  });
  return rowEntity({ ...row, columns: { blobName } });
}

/** @returns `undefined` when the collection was removed, and the row holds what is remembered of it */
export async function requestOf(blobs: ContainerClient, row: StoredRow): Promise<CollectionRequest | undefined> {
  if (row.blobName === undefined) {
    const value = rowValue<CollectionRequest | Memory>(row, 'request');
    return REMOVED in value ? undefined : value;
  }
  const text = (await blobs.getBlobClient(row.blobName).downloadToBuffer()).toString();
  return rowValue<CollectionRequest>({ ...row, text }, 'request');
}

export function removedEntity(removed: RemovedCollection, stamp: string): RowEntity {
  const value: Memory = { [REMOVED]: removed };
  const columns = { state: removed.state, caseId: removed.caseId, removedAt: toIso(removed.removedAt) };
  return rowEntity({ partition: removed.collectionId, key: REQUEST_ROW, value, columns, stamp });
}

export function removedOf(row: StoredRow): RemovedCollection | undefined {
  if (row.blobName !== undefined) return undefined;
  return rowValue<Partial<Memory>>(row, 'request')[REMOVED];
}

/** Takes away what a write that lost had stored beforehand. */
export async function dropRequestBlob(blobs: ContainerClient, row: RowEntity | StoredRow): Promise<void> {
  if (typeof row.blobName === 'string') await blobs.getBlobClient(row.blobName).deleteIfExists();
}

export const REQUEST_BLOBS = 'requests/';
const requestBlobName = (collectionId: string, stamp: string): string =>
  `${REQUEST_BLOBS}${collectionId}/${stamp}.json`;

/** Of the collection that a blob was stored for. */
export const idInBlobName = (blobName: string): string => blobName.split('/')[1] ?? '';
