import { createHash } from 'node:crypto';
import { createCrc64 } from '../../domain/evidence/crc64.ts';
import type { EvidenceStore, StagedBlock } from '../../ports.ts';
import { checkBlob, checkBlock } from './evidence-limits.ts';

interface StoredBlob {
  bytes: Uint8Array;
  contentType: string;
  metadata: Record<string, string>;
}

export interface MemoryEvidenceOptions {
  /** Answers for the storage service when it is told to fetch; absent: every server-side copy is refused. */
  fetchRange?: (source: { link: string; offset: number; bytes: number }) => Promise<Uint8Array>;
}

export interface MemoryEvidence extends EvidenceStore {
  /** Names of committed blobs, sorted. */
  names(): string[];
  /** For tests that spoil what is stored. */
  replaceBytes(blobName: string, bytes: Uint8Array): void;
}

/** The evidence container in memory, with the semantics that the real one has: uncommitted blocks, create-once. */
export function createMemoryEvidence(options: MemoryEvidenceOptions = {}): MemoryEvidence {
  const blobs = new Map<string, StoredBlob>();
  const uncommitted = new Map<string, Map<string, Uint8Array>>();

  const stage = (blobName: string, blockId: string, bytes: Uint8Array) => {
    const blocks = uncommitted.get(blobName) ?? new Map<string, Uint8Array>();
    const other = blocks.keys().next().value;
    if (other !== undefined && other.length !== blockId.length)
      throw new Error('InvalidBlobOrBlock: block ids of one blob have one length');
    blocks.set(blockId, Uint8Array.from(bytes));
    uncommitted.set(blobName, blocks);
  };
  const create = (blobName: string, blob: StoredBlob): 'stored' | 'exists' => {
    checkBlob(blobName, blob.metadata);
    if (blobs.has(blobName)) return 'exists';
    blobs.set(blobName, { ...blob, bytes: Uint8Array.from(blob.bytes), metadata: asHeaders(blob.metadata) });
    uncommitted.delete(blobName);
    return 'stored';
  };

  return {
    stat: async (blobName) => {
      const blob = blobs.get(blobName);
      return blob && { bytes: blob.bytes.length, metadata: { ...blob.metadata } };
    },
    stagedBlocks: async (blobName) =>
      [...(uncommitted.get(blobName) ?? [])].map(([blockId, bytes]): StagedBlock => ({ blockId, bytes: bytes.length })),
    stageBlock: async (blobName, blockId, bytes) => {
      checkBlock(blobName, blockId, bytes.length);
      stage(blobName, blockId, bytes);
    },
    stageBlockFromUrl: async (blobName, blockId, source) => {
      checkBlock(blobName, blockId, source.bytes);
      if (!options.fetchRange) throw new Error('CannotVerifyCopySource: this store copies nothing by itself');
      const bytes = await options.fetchRange(source);
      if (bytes.length !== source.bytes) throw new Error('InvalidRange: the source has no such range');
      stage(blobName, blockId, bytes);
      const crc = createCrc64();
      crc.update(bytes);
      return { crc64: crc.digest() };
    },
    commitBlocks: async (blobName, blockIds, { contentType, metadata }) => {
      checkBlob(blobName, metadata);
      if (blobs.has(blobName)) return 'exists';
      const staged = uncommitted.get(blobName);
      const blocks = blockIds.map((blockId) => {
        const bytes = staged?.get(blockId);
        if (!bytes) throw new Error('InvalidBlockList: a block of the list is not staged');
        return bytes;
      });
      return create(blobName, { bytes: Buffer.concat(blocks), contentType, metadata });
    },
    put: async (blobName, bytes, { contentType, metadata }) => create(blobName, { bytes, contentType, metadata }),
    read: async (blobName) => {
      const blob = blobs.get(blobName);
      if (!blob) throw new Error(`BlobNotFound: ${blobName}`);
      return pieces(blob.bytes);
    },
    readLink: async (blobName, expiresAt) => {
      const signature = createHash('sha256').update(`${blobName} ${expiresAt}`).digest('hex');
      return `https://evidence.invalid/${encodeURI(blobName)}?se=${new Date(expiresAt).toISOString()}&sp=r&sig=${signature}`;
    },
    names: () => [...blobs.keys()].sort(),
    replaceBytes: (blobName, bytes) => {
      const blob = blobs.get(blobName);
      if (blob) blobs.set(blobName, { ...blob, bytes: Uint8Array.from(bytes) });
    },
  };
}

/** Names of metadata come back in lower case, as those of headers do. */
const asHeaders = (metadata: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]));

const PIECE_BYTES = 64 * 1024;

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
}
