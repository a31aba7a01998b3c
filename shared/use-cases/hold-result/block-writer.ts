import { createHash } from 'node:crypto';
import { type Block, blockId, NO_PIN } from '../../domain/evidence/block-plan.ts';
import type { EvidenceStore } from '../../ports.ts';

/** Enough to hide the time of a call; with the block being filled, this bounds the memory of a copy. */
export const BLOCKS_IN_FLIGHT = 3;

export interface BlockWriterOptions {
  evidence: EvidenceStore;
  blobName: string;
  blockBytes: number;
  /** Of the whole result, where known: a small one needs no large buffer. */
  totalBytes?: number;
  pin: string;
  /** Where the first byte written belongs in the result. */
  startAt: number;
}

/**
 * Cuts a stream into blocks and stages them, a few at a time; `write` waits while as many as allowed are in flight.
 * A block is staged only when a byte follows it, so that a result of one block can be stored in a single call.
 * Throws what the store throws.
 */
export function createBlockWriter(options: BlockWriterOptions) {
  const { evidence, blobName, blockBytes, pin } = options;
  const bufferBytes = Math.min(blockBytes, options.totalBytes ?? blockBytes);
  const inFlight = new Set<Promise<void>>();
  const spare: Buffer<ArrayBuffer>[] = [];
  const blocks: Block[] = [];
  let failure: { error: unknown } | undefined;
  let offset = options.startAt;
  let buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let filled = 0;
  let closed = false;
  let stagedBytes = 0;

  const stage = async (full: Buffer<ArrayBuffer>, bytes: Uint8Array, at: number) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    const block = { offset: at, bytes: bytes.length, pin, sha256 };
    blocks.push(block);
    await evidence.stageBlock(blobName, blockId(block), bytes);
    stagedBytes += bytes.length;
    spare.push(full);
  };

  const stageBuffer = async () => {
    while (inFlight.size >= BLOCKS_IN_FLIGHT) await Promise.race(inFlight);
    if (failure) throw failure.error;
    const staging = stage(buffer, buffer.subarray(0, filled), offset)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => inFlight.delete(staging));
    inFlight.add(staging);
    offset += filled;
    filled = 0;
    buffer = spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  };

  const settle = async () => {
    await Promise.all(inFlight);
    if (failure) throw failure.error;
  };

  return {
    async write(chunk: Uint8Array): Promise<void> {
      for (let at = 0; at < chunk.length; ) {
        if (filled === bufferBytes) await stageBuffer();
        const piece = chunk.subarray(at, at + bufferBytes - filled);
        buffer.set(piece, filled);
        filled += piece.length;
        at += piece.length;
      }
    },
    /** The end of the result: its blocks, all staged, or its bytes when they fill no more than one block. */
    async finish(): Promise<{ blocks: Block[] } | { whole: Uint8Array }> {
      closed = true;
      if (offset === 0) return { whole: buffer.subarray(0, filled) };
      if (filled > 0) await stageBuffer();
      await settle();
      return { blocks };
    },
    /** The end of this try: what is whole is staged, a block begun is dropped. Does not throw. */
    async leave(): Promise<void> {
      const worthKeeping = !closed && filled === blockBytes && pin !== NO_PIN;
      closed = true;
      if (worthKeeping && !failure) await stageBuffer().catch(() => undefined);
      await Promise.all(inFlight);
    },
    stagedBytes: () => stagedBytes,
  };
}
