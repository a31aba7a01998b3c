import { createHash } from 'node:crypto';
import type { Block } from '../../domain/evidence/block-plan.ts';
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

/** Compares the bytes that pass with the hashes in the ids of the blocks that they were stored as. */
function createBlockCheck(blocks: readonly Block[]) {
  let index = 0;
  let left = blocks[0]?.bytes ?? 0;
  let hash = createHash('sha256');
  let different: Block | undefined;

  const close = (block: Block) => {
    const sha256 = hash.digest('hex');
    if (block.sha256 !== undefined && !sha256.startsWith(block.sha256)) different ??= block;
    hash = createHash('sha256');
    index += 1;
    left = blocks[index]?.bytes ?? 0;
  };

  return {
    write(chunk: Uint8Array): void {
      for (let at = 0; at < chunk.length; ) {
        const block = blocks[index];
        if (!block) return;
        const piece = chunk.subarray(at, at + left);
        if (block.sha256 !== undefined) hash.update(piece);
        at += piece.length;
        left -= piece.length;
        if (left === 0) close(block);
      }
    },
    firstDifference: () => different,
  };
}
