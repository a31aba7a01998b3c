import {
  type Block,
  blockBytesFor,
  blockId,
  COPIED_BLOCK_BYTES,
  endOf,
  tryMark,
} from '../../domain/evidence/block-plan.ts';
import { type HoldResultDeps, type HoldResultTry, isOver } from './held-result.ts';

/** Copies that the storage service makes side by side; they cost us no memory. */
const COPIES_IN_FLIGHT = 6;

export interface Copied {
  /** From the first byte on without a gap, `reused` included. */
  blocks: Block[];
  end: 'whole' | 'refused' | 'outOfTime';
}

/**
 * Lets the storage service fetch the result itself, block by block. Whatever goes wrong is no failure: what is staged
 * without a gap is kept, and the rest can be streamed. The copies are not bound to the object's ETag: they are of that
 * object only once it has been seen with the same ETag again, after the last of them.
 */
export async function copyByService(
  deps: HoldResultDeps,
  job: HoldResultTry,
  object: { totalBytes: number; pin: string },
  reused: Block[],
): Promise<Copied> {
  const waiting = rest(object, endOf(reused), tryMark(job.link));
  const done: Block[] = [];
  let refused = false;

  const copyNext = async (): Promise<void> => {
    for (let block = waiting.shift(); block && !refused && !isOver(deps, job); block = waiting.shift()) {
      try {
        const sums = await deps.evidence.stageBlockFromUrl(job.blobName, blockId(block), {
          link: job.link,
          offset: block.offset,
          bytes: block.bytes,
        });
        done.push({ ...block, ...sums });
      } catch (error) {
        if (!refused) deps.log.info('result.copyFellBack', { blobName: job.blobName, reason: reasonOf(error) });
        refused = true;
      }
    }
  };
  await Promise.all(Array.from({ length: COPIES_IN_FLIGHT }, copyNext));

  const blocks = withoutGap(reused, done);
  if (endOf(blocks) === object.totalBytes) return { blocks, end: 'whole' };
  return { blocks, end: refused ? 'refused' : 'outOfTime' };
}

function rest({ totalBytes, pin }: { totalBytes: number; pin: string }, from: number, copiedBy: string): Block[] {
  const size = Math.max(COPIED_BLOCK_BYTES, blockBytesFor(totalBytes));
  const blocks: Block[] = [];
  for (let offset = from; offset < totalBytes; offset += size)
    blocks.push({ offset, bytes: Math.min(size, totalBytes - offset), pin, copiedBy });
  return blocks;
}

function withoutGap(reused: Block[], done: Block[]): Block[] {
  const blocks = [...reused];
  for (const block of done.toSorted((a, b) => a.offset - b.offset)) {
    if (block.offset !== endOf(blocks)) break;
    blocks.push(block);
  }
  return blocks;
}

/** A code or a class, never the message: it may quote the link. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
