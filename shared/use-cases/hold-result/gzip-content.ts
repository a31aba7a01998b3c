import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import type { ContentNote } from '../../domain/evidence/gzip.ts';
import type { Clock } from '../../ports.ts';

export interface ContentLimits {
  bytes: number;
  /** Time spent unpacking, not waiting for the next bytes. */
  inflateMs: number;
}

export type GzipContent = { contentBytes: number; contentSha256: string } | { contentNote: ContentNote };

/** Input per step: it unpacks to at most 64 MiB, so the limits are looked at often. */
const STEP_BYTES = 64 * 1024;
const OUTPUT_BYTES = 256 * 1024;

/**
 * Size and SHA-256 of what a gzip stream unpacks to, in passing and in bounded memory. Never throws for what the stream
 * holds: once it is damaged, or unpacks to more than the limits allow, the rest is not looked at.
 */
export function createGzipContent(clock: Clock, limits: ContentLimits) {
  const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  const hash = createHash('sha256');
  const ended = Promise.withResolvers<void>();
  let contentBytes = 0;
  let spentMs = 0;
  let note: ContentNote | undefined;
  let over = false;

  const stop = () => {
    over = true;
    ended.resolve();
  };
  const giveUp = (why: ContentNote) => {
    note ??= why;
    gunzip.destroy();
    stop();
  };
  gunzip.on('data', (piece: Buffer) => {
    contentBytes += piece.length;
    if (contentBytes > limits.bytes) giveUp('contentTooLarge');
    else hash.update(piece);
  });
  // also when something follows the stream that is none: like gzip itself, we do not count it
  gunzip.once('end', stop);
  gunzip.on('error', () => giveUp('contentDamaged'));

  const step = async (bytes: Uint8Array) => {
    const startedAt = clock.now();
    const written = Promise.withResolvers<void>();
    gunzip.write(bytes, () => written.resolve());
    await Promise.race([written.promise, ended.promise]);
    spentMs += clock.now() - startedAt;
    if (spentMs > limits.inflateMs) giveUp('contentTooSlow');
  };

  return {
    async write(bytes: Uint8Array): Promise<void> {
      for (let at = 0; at < bytes.length && !over; at += STEP_BYTES) await step(bytes.subarray(at, at + STEP_BYTES));
    },
    async end(): Promise<GzipContent> {
      if (!over) {
        gunzip.end();
        await ended.promise;
      }
      return note === undefined ? { contentBytes, contentSha256: hash.digest('hex') } : { contentNote: note };
    },
    /** Frees what it holds when nobody will ask for the end. */
    abandon(): void {
      gunzip.destroy();
    },
  };
}
