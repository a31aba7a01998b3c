import { createHash } from 'node:crypto';
import { CONTENT_LIMITS, type ContentNote, GZIP_HEAD_BYTES, looksLikeGzip } from '../../domain/evidence/gzip.ts';
import type { Clock } from '../../ports.ts';
import { type ContentLimits, createGzipContent } from './gzip-content.ts';

/** A RunScript result is JSON with the script's output; what is longer is kept but not looked into. */
const SCRIPT_RESULT_BYTES = 4 * 1024 ** 2;

/** What can be known of a result's bytes by reading them once. Hashes are SHA-256 in lowercase hex. */
export interface ResultDigest {
  bytes: number;
  sha256: string;
  contentBytes?: number;
  contentSha256?: string;
  contentNote?: ContentNote;
  /** All bytes of a RunScript result that is not too long to look into. */
  script?: Uint8Array;
}

export interface DigestOptions {
  commandType: 'GetFile' | 'RunScript';
  clock: Clock;
  limits?: ContentLimits;
}

/**
 * Takes a result's bytes in order, from the source or from the store, and tells what they are. Waiting for `write`
 * is what keeps memory bounded while a gzip result unpacks.
 */
export function createResultDigest({ commandType, clock, limits = CONTENT_LIMITS }: DigestOptions) {
  const hash = createHash('sha256');
  let bytes = 0;
  let head: Uint8Array = new Uint8Array();
  let content: ReturnType<typeof createGzipContent> | undefined;
  let script: Uint8Array[] | undefined = commandType === 'RunScript' ? [] : undefined;

  /** The first bytes decide, and a source may send them one by one. */
  const writeContent = async (chunk: Uint8Array) => {
    if (content) return await content.write(chunk);
    if (head.length >= GZIP_HEAD_BYTES) return;
    head = Buffer.concat([head, chunk]);
    if (!looksLikeGzip(head)) return;
    content = createGzipContent(clock, limits);
    await content.write(head);
  };

  const keepScript = (chunk: Uint8Array) => {
    if (bytes > SCRIPT_RESULT_BYTES) script = undefined;
    else script?.push(Uint8Array.from(chunk));
  };

  return {
    async write(chunk: Uint8Array): Promise<void> {
      bytes += chunk.length;
      const unpacking = commandType === 'GetFile' ? writeContent(chunk) : undefined;
      hash.update(chunk);
      keepScript(chunk);
      await unpacking;
    },
    async end(): Promise<ResultDigest> {
      const sha256 = hash.digest('hex');
      if (commandType === 'RunScript') return { bytes, sha256, ...(script ? { script: Buffer.concat(script) } : {}) };
      if (!content) return { bytes, sha256, contentBytes: bytes, contentSha256: sha256 };
      return { bytes, sha256, ...(await content.end()) };
    },
    /** Frees what it holds when nobody will ask for the end. */
    abandon(): void {
      content?.abandon();
    },
  };
}
