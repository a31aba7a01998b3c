import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOCK_BYTES,
  type Block,
  blockBytesFor,
  blockId,
  endOf,
  MAX_BLOCKS,
  NO_PIN,
  readBlockId,
  reusablePrefix,
  sourcePin,
  tryMark,
} from '../../../../shared/domain/evidence/block-plan.ts';

const PIN = sourcePin('"0x8D"', 1_000);
const hash = (digit: string) => digit.repeat(32);
const staged = (...blocks: Block[]) => blocks.map((block) => ({ blockId: blockId(block), bytes: block.bytes }));
const at = (offset: number, bytes: number, more: Partial<Block> = {}): Block => ({
  offset,
  bytes,
  pin: PIN,
  sha256: hash('a'),
  ...more,
});

describe('block plan', () => {
  it('keeps every result within 50,000 blocks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 * 1024 ** 4 }), (total) => {
        expect(Math.ceil(total / blockBytesFor(total))).toBeLessThanOrEqual(MAX_BLOCKS);
      }),
    );
    expect(blockBytesFor(3 * 1024 ** 3)).toBe(BLOCK_BYTES);
    expect(blockBytesFor(undefined)).toBe(BLOCK_BYTES);
  });

  it('takes whole MiB, no more of them than needed, where the smallest blocks will not do', () => {
    const MIB = 1024 ** 2;
    expect(blockBytesFor(MAX_BLOCKS * BLOCK_BYTES)).toBe(BLOCK_BYTES);
    expect(blockBytesFor(MAX_BLOCKS * BLOCK_BYTES + 1)).toBe(9 * MIB);
    expect(blockBytesFor(MAX_BLOCKS * 100 * MIB)).toBe(100 * MIB);
    expect([blockBytesFor(MAX_BLOCKS * 3, 2), blockBytesFor(MAX_BLOCKS * 2, 2)]).toEqual([MIB, 2]);
  });

  it('reads back from an id what it was made of, and gives all ids one length', () => {
    for (const block of [at(0, 1), at(2 ** 41, 4_000 * 1024 ** 2), { offset: 8, bytes: 8, pin: NO_PIN }]) {
      expect(readBlockId(blockId(block))).toEqual(block);
      expect(blockId(block)).toHaveLength(60);
    }
  });

  it('takes no id of another length or version for one of ours', () => {
    const ours = Buffer.from(blockId(at(0, 1)), 'base64');
    const read = (id: Uint8Array) => readBlockId(Buffer.from(id).toString('base64'));
    expect(read(ours)).toBeDefined();
    expect(read(Buffer.concat([ours, Buffer.alloc(3)]))).toBeUndefined();
    expect(read(ours.subarray(0, 42))).toBeUndefined();
    expect(read(Buffer.concat([Buffer.from([2]), ours.subarray(1)]))).toBeUndefined();
    expect(read(Buffer.from('someone else'))).toBeUndefined();
    expect(readBlockId('')).toBeUndefined();
  });

  it('tells in an id which try had a block copied, and nothing of its link', () => {
    const [mine, other] = [tryMark('https://h.example/?sig=a'), tryMark('https://h.example/?sig=b')];
    const copied: Block = { offset: 0, bytes: 10, pin: PIN, copiedBy: mine };
    expect(readBlockId(blockId(copied))).toEqual(copied);
    expect(blockId(copied)).not.toBe(blockId({ ...copied, copiedBy: other }));
    expect(mine).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('what an interrupted copy left', () => {
  it('is used up to the first gap', () => {
    const prefix = reusablePrefix(staged(at(20, 10), at(0, 10), at(40, 10), at(10, 10)), PIN);
    expect(prefix.map(({ offset }) => offset)).toEqual([0, 10, 20]);
    expect(endOf(prefix)).toBe(30);
  });

  it('is pinned to one object by its ETag and length', () => {
    const pins = [
      sourcePin('"a"', 1),
      sourcePin('"b"', 1),
      sourcePin('"a"', 2),
      sourcePin('"a"', 12),
      sourcePin('2 "a"', 1),
    ];
    expect(new Set(pins).size).toBe(pins.length);
    for (const pin of pins) expect(pin).toMatch(/^[0-9a-f]{32}$/);
    expect(sourcePin('"a"', 1)).toBe(pins[0]);
  });

  it('is not used when the source is another object now, or could be', () => {
    expect(reusablePrefix(staged(at(0, 10)), sourcePin('"0x8E"', 1_000))).toEqual([]);
    expect(reusablePrefix(staged(at(0, 10)), sourcePin('"0x8D"', 1_001))).toEqual([]);
    expect(reusablePrefix(staged(at(0, 10, { pin: NO_PIN })), NO_PIN)).toEqual([]);
  });

  it('is not used where two contents claim one place, or the length is not what the id says', () => {
    expect(reusablePrefix(staged(at(0, 10), at(0, 10, { sha256: hash('b') })), PIN)).toEqual([]);
    expect(reusablePrefix([{ blockId: blockId(at(0, 10)), bytes: 9 }], PIN)).toEqual([]);
  });

  it('is used where blocks of two sizes begin at one place, or another try copied the same', () => {
    const [short, long] = [at(0, 10), at(0, 20, { sha256: hash('b') })];
    expect(reusablePrefix(staged(short, long), PIN)).toEqual([short]);
    const copied: Block = { offset: 0, bytes: 10, pin: PIN, copiedBy: hash('c') };
    expect(reusablePrefix(staged(copied, short), PIN)).toEqual([short]);
    expect(reusablePrefix(staged(copied), PIN)).toEqual([copied]);
  });

  it('ends at a block of no bytes, which leads nowhere', () => {
    expect(reusablePrefix(staged(at(0, 10), at(10, 0)), PIN)).toEqual([at(0, 10)]);
    expect(endOf([])).toBe(0);
  });
});
