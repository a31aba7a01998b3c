import { isLoopback } from '../request/callback-address.ts';

export { isLoopback };

const MIB = 1024 ** 2;

/**
 * From this size on the storage service is asked to fetch a result itself. Its copies run side by side without our
 * bandwidth, but need a read-back for the SHA-256, and calls of their own; below, one pass through us is sooner done.
 */
export const SERVER_COPY_FROM_BYTES = 256 * MIB;

export interface CopySource {
  link: string;
  totalBytes?: number;
  /** Strong ETag: without it ranges of two objects could be mixed. */
  etag?: string;
  acceptsRanges: boolean;
}

/**
 * Whether a server-side copy is allowed and faster. Never from the loopback address: a storage service in Azure cannot
 * reach it, and Azurite copies at 40 MB/s on disk where streaming runs at 43 and needs no read-back.
 */
export function serverCopyPays(source: CopySource, fromBytes: number | undefined): boolean {
  if (!source.acceptsRanges || source.etag === undefined || source.totalBytes === undefined) return false;
  if (fromBytes !== undefined) return source.totalBytes >= fromBytes;
  return source.totalBytes >= SERVER_COPY_FROM_BYTES && !isLoopback(new URL(source.link).hostname);
}
