import { createHash } from 'node:crypto';

const MIB = 1024 ** 2;

/** Small enough that a few in flight are little memory, large enough that a commit of 3 GB names under 400 blocks. */
export const BLOCK_BYTES = 8 * MIB;

/** A blob has at most 50,000 committed blocks. @see https://learn.microsoft.com/rest/api/storageservices/put-block */
export const MAX_BLOCKS = 50_000;

/** Server-side copies of a block hold no memory of ours; each must only end well before a link does. */
export const COPIED_BLOCK_BYTES = 64 * MIB;

/** The block size for a result: whole MiB where the smallest will not do, the smallest where the length is unknown. */
export function blockBytesFor(totalBytes: number | undefined, smallest: number = BLOCK_BYTES): number {
  const needed = (totalBytes ?? 0) / MAX_BLOCKS;
  return needed <= smallest ? smallest : Math.ceil(needed / MIB) * MIB;
}

/** A piece of a result as the id of its block tells of it, so that the list of staged blocks is a journal. */
export interface Block {
  /** Of its first byte in the result: blocks of different sizes still have one order. */
  offset: number;
  bytes: number;
  /** Which object it is of; see `sourcePin`. All zero: not known, never used again. */
  pin: string;
  /** Beginning of its SHA-256; absent when the service copied it and we never saw the bytes. */
  sha256?: string;
  /** Which try had it copied, as `tryMark`: of two that run at once, neither may replace what the other has staged. */
  copiedBy?: string;
  /** What the service computed of a block that it copied; known only to the try that asked for the copy. */
  crc64?: string;
}

const ID_VERSION = 1;
const ID_BYTES = 45;
const HASH_BYTES = 16;

export const NO_PIN = '0'.repeat(2 * HASH_BYTES);

/** Names one version of the source, so that pieces of two objects are never put together. */
export function sourcePin(etag: string, totalBytes: number): string {
  return createHash('sha256')
    .update(`${totalBytes} ${etag}`)
    .digest('hex')
    .slice(0, 2 * HASH_BYTES);
}

/** Tells a try from all others by its link, which is its own; says nothing of the link. */
export const tryMark = (link: string): string =>
  createHash('sha256')
    .update(link)
    .digest('hex')
    .slice(0, 2 * HASH_BYTES);

/** base64, always of the same length, as Azure demands within one blob. */
export function blockId(block: Block): string {
  const id = Buffer.alloc(ID_BYTES);
  id.writeUInt8(ID_VERSION, 0);
  id.writeUIntBE(block.offset, 1, 6);
  id.writeUInt32BE(block.bytes, 7);
  id.writeUInt8(block.sha256 === undefined ? 0 : 1, 11);
  id.write(block.pin, 12, HASH_BYTES, 'hex');
  id.write(block.sha256 ?? block.copiedBy ?? NO_PIN, 12 + HASH_BYTES, HASH_BYTES, 'hex');
  return id.toString('base64');
}

/** What an id says, or undefined when it is not one of ours. */
export function readBlockId(text: string): Block | undefined {
  const id = Buffer.from(text, 'base64');
  if (id.length !== ID_BYTES || id.readUInt8(0) !== ID_VERSION) return undefined;
  const block = {
    offset: id.readUIntBE(1, 6),
    bytes: id.readUInt32BE(7),
    pin: id.toString('hex', 12, 12 + HASH_BYTES),
  };
  const mark = id.toString('hex', 12 + HASH_BYTES, 12 + 2 * HASH_BYTES);
  if (id.readUInt8(11) === 1) return { ...block, sha256: mark };
  return mark === NO_PIN ? block : { ...block, copiedBy: mark };
}

/**
 * What an earlier, interrupted copy of the same object left: the blocks from its first byte on, without a gap.
 * Two different contents for one place mean that something is wrong with one of them; neither is used.
 */
export function reusablePrefix(staged: readonly { blockId: string; bytes: number }[], pin: string): Block[] {
  if (pin === NO_PIN) return [];
  const byOffset = Map.groupBy(
    staged.flatMap(({ blockId: id, bytes }) => {
      const block = readBlockId(id);
      return block && block.pin === pin && block.bytes === bytes && bytes > 0 ? [block] : [];
    }),
    ({ offset }) => offset,
  );
  const prefix: Block[] = [];
  for (let next = byOffset.get(0); next; ) {
    const block = oneOf(next);
    if (!block) break;
    prefix.push(block);
    next = byOffset.get(block.offset + block.bytes);
  }
  return prefix;
}

export function endOf(blocks: readonly Block[]): number {
  const last = blocks.at(-1);
  return last ? last.offset + last.bytes : 0;
}

function oneOf(candidates: Block[]): Block | undefined {
  const hashed = candidates.filter(({ sha256 }) => sha256 !== undefined);
  const contradicts = hashed.some((one) =>
    hashed.some((other) => one.bytes === other.bytes && one.sha256 !== other.sha256),
  );
  return contradicts ? undefined : (hashed[0] ?? candidates[0]);
}
