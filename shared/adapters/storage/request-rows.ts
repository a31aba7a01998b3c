import type { ContainerClient } from '@azure/storage-blob';
import type { CollectionRequest } from '../../domain/request/collection-request.ts';
import { ROW_CHARACTERS } from './change-limits.ts';
import { REQUEST_ROW } from './collection-rows.ts';
import { type RowEntity, rowEntity, rowValue, type StoredRow } from './stored-row.ts';
import { asciiJson } from './stored-text.ts';

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

export async function requestOf(blobs: ContainerClient, row: StoredRow): Promise<CollectionRequest> {
  if (row.blobName === undefined) return rowValue<CollectionRequest>(row);
  const bytes = await blobs.getBlobClient(row.blobName).downloadToBuffer();
  return JSON.parse(bytes.toString()) as CollectionRequest;
}

/** Takes away what a write that lost had stored beforehand. */
export async function dropRequestBlob(blobs: ContainerClient, entity: RowEntity): Promise<void> {
  if (typeof entity.blobName === 'string') await blobs.getBlobClient(entity.blobName).deleteIfExists();
}

const requestBlobName = (collectionId: string, stamp: string): string => `requests/${collectionId}/${stamp}.json`;
