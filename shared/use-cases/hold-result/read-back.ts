import { createHash } from 'node:crypto';
import type { Block } from '../../domain/evidence/block-plan.ts';
import { createCrc64 } from '../../domain/evidence/crc64.ts';
import { damaged, fault, type HoldFault, type HoldResultDeps, type HoldResultTry, isOver } from './held-result.ts';
import { createResultDigest, type ResultDigest } from './result-digest.ts';

/**
 * Reads a stored result once more, from beginning to end: the only proof for bytes that did not pass through us in one
 * go. Blocks whose hash is known are checked against it on the way.
 */
export async function readBack(
  deps: HoldResultDeps,
  job: HoldResultTry,
  expected: { bytes: number; blocks?: readonly Block[] },
): Promise<{ kind: 'read'; digest: ResultDigest } | { kind: 'fault'; fault: HoldFault }> {
  const digest = createResultDigest({
    commandType: job.commandType,
    clock: deps.clock,
    ...(job.contentLimits ? { limits: job.contentLimits } : {}),
  });
  const blocks = createBlockCheck(expected.blocks ?? []);
  try {
    for await (const chunk of await deps.evidence.read(job.blobName)) {
      if (isOver(deps, job)) return fault({ kind: 'outOfTime', stagedBytes: expected.bytes });
      blocks.write(chunk);
      await digest.write(chunk);
    }
    const read = await digest.end();
    if (read.bytes !== expected.bytes)
      return damaged(`${read.bytes} bytes were read back where ${expected.bytes} are stored`);
    const differs = blocks.firstDifference();
    if (differs) return damaged(`the stored bytes from ${differs.offset} on are not those that were sent`);
    return { kind: 'read', digest: read };
  } finally {
    digest.abandon();
  }
}

/** Compares the bytes that pass with what is known of the blocks that they were stored as: our hash, or a copy's sum. */
function createBlockCheck(blocks: readonly Block[]) {
  let index = 0;
  let left = blocks[0]?.bytes ?? 0;
  let sum = createBlockSum(blocks[0]);
  let different: Block | undefined;

  const close = (block: Block) => {
    if (!sum.matches()) different ??= block;
    index += 1;
    left = blocks[index]?.bytes ?? 0;
    sum = createBlockSum(blocks[index]);
  };

  return {
    write(chunk: Uint8Array): void {
      for (let at = 0; at < chunk.length; ) {
        const block = blocks[index];
        if (!block) return;
        const piece = chunk.subarray(at, at + left);
        sum.update(piece);
        at += piece.length;
        left -= piece.length;
        if (left === 0) close(block);
      }
    },
    firstDifference: () => different,
  };
}

function createBlockSum(block: Block | undefined): { update(piece: Uint8Array): void; matches(): boolean } {
  const { sha256, crc64 } = block ?? {};
  if (sha256 !== undefined) {
    const hash = createHash('sha256');
    return { update: (piece) => void hash.update(piece), matches: () => hash.digest('hex').startsWith(sha256) };
  }
  if (crc64 !== undefined) {
    const crc = createCrc64();
    return { update: crc.update, matches: () => crc.digest() === crc64 };
  }
  return { update: () => undefined, matches: () => true };
}
