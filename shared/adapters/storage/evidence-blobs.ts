import { createHash, randomBytes } from 'node:crypto';
import { type BlobServiceClient, type BlockBlobClient, RestError } from '@azure/storage-blob';
import type { Clock, EvidenceStore } from '../../ports.ts';
import { createLinkSigner } from './evidence-blobs-links.ts';
import { checkBlob, checkBlock } from './evidence-limits.ts';

export interface EvidenceBlobsOptions {
  service: BlobServiceClient;
  containerName: string;
  clock: Clock;
}

/** Connections that may break while one blob is read back, each resumed by the client library. */
const READ_RETRIES = 5;

const ONLY_IF_ABSENT = { ifNoneMatch: '*' } as const;

/**
 * The evidence container in Azure. Every block travels with its MD5, which the service checks before it keeps it; of
 * the two sums that Azure knows, it is the one that Node computes natively. Nothing here deletes or overwrites.
 */
export function createEvidenceBlobs({ service, containerName, clock }: EvidenceBlobsOptions): EvidenceStore {
  const container = service.getContainerClient(containerName);
  const blob = (blobName: string): BlockBlobClient => container.getBlockBlobClient(blobName);

  const store: EvidenceStore = {
    async stat(blobName) {
      try {
        const { contentLength = 0, metadata = {} } = await blob(blobName).getProperties();
        return { bytes: contentLength, metadata };
      } catch (error) {
        if (isStatus(error, 404)) return undefined;
        throw error;
      }
    },
    async stagedBlocks(blobName) {
      try {
        const { uncommittedBlocks = [] } = await blob(blobName).getBlockList('uncommitted');
        return uncommittedBlocks.map(({ name, size }) => ({ blockId: name, bytes: size }));
      } catch (error) {
        if (isStatus(error, 404)) return [];
        throw error;
      }
    },
    async stageBlock(blobName, blockId, bytes) {
      checkBlock(blobName, blockId, bytes.length);
      await blob(blobName).stageBlock(blockId, bytes, bytes.length, { transactionalContentMD5: md5(bytes) });
    },
    async stageBlockFromUrl(blobName, blockId, { link, offset, bytes }) {
      checkBlock(blobName, blockId, bytes);
      const { xMsContentCrc64 } = await blob(blobName).stageBlockFromURL(blockId, link, offset, bytes);
      // least significant byte first on the wire
      return xMsContentCrc64 ? { crc64: Buffer.from(xMsContentCrc64).reverse().toString('hex') } : {};
    },
    async commitBlocks(blobName, blockIds, { contentType, metadata }) {
      checkBlob(blobName, metadata);
      const commit = blob(blobName).commitBlockList(blockIds, {
        conditions: ONLY_IF_ABSENT,
        blobHTTPHeaders: { blobContentType: contentType },
        metadata,
      });
      return created(blob(blobName), commit);
    },
    async put(blobName, bytes, properties) {
      const { contentType, metadata } = properties;
      checkBlob(blobName, metadata);
      const upload = blob(blobName).upload(bytes, bytes.length, {
        conditions: ONLY_IF_ABSENT,
        blobHTTPHeaders: { blobContentType: contentType, blobContentMD5: md5(bytes) },
        metadata,
      });
      const end = await created(blob(blobName), upload);
      if (end === 'stored' || (await blob(blobName).exists())) return end;
      return store.commitBlocks(blobName, await stagedWhole(store, blobName, bytes), properties);
    },
    async read(blobName) {
      const { readableStreamBody } = await blob(blobName).download(0, undefined, { maxRetryRequests: READ_RETRIES });
      if (!readableStreamBody) throw new Error(`no bytes came for ${blobName}`);
      return bytesOf(readableStreamBody);
    },
    readLink: createLinkSigner(service, containerName, clock),
  };
  return store;
}

/**
 * Azurite takes a blob that has only blocks which nobody committed for one that exists, and will not have it put; to
 * blocks it is open. The ids of one blob's blocks have one length.
 * @returns the ids to commit
 */
async function stagedWhole(store: EvidenceStore, blobName: string, bytes: Uint8Array): Promise<string[]> {
  if (bytes.length === 0) return [];
  const [other] = await store.stagedBlocks(blobName);
  const id = randomBytes(other ? Buffer.from(other.blockId, 'base64').length : 16).toString('base64');
  await store.stageBlock(blobName, id, bytes);
  return [id];
}

/**
 * `exists` when another write won. The service may also find the list of blocks gone before it looks at the condition:
 * the winner's commit has swept them away.
 */
async function created(blob: BlockBlobClient, write: Promise<unknown>): Promise<'stored' | 'exists'> {
  try {
    await write;
    return 'stored';
  } catch (error) {
    if (isStatus(error, 409) || isStatus(error, 412)) return 'exists';
    if (isStatus(error, 400) && (await blob.exists())) return 'exists';
    throw error;
  }
}

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

function isStatus(error: unknown, httpStatus: number): boolean {
  return error instanceof RestError && error.statusCode === httpStatus;
}

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
