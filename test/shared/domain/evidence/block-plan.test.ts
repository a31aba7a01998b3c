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

  it('reads back from an id what it was made of, and gives all ids one length', () => {
    for (const block of [at(0, 1), at(2 ** 41, 4_000 * 1024 ** 2), { offset: 8, bytes: 8, pin: NO_PIN }]) {
      expect(readBlockId(blockId(block))).toEqual(block);
      expect(blockId(block)).toHaveLength(60);
    }
    expect(readBlockId(Buffer.from('someone else').toString('base64'))).toBeUndefined();
  });
});

describe('what an interrupted copy left', () => {
  it('is used up to the first gap', () => {
    const prefix = reusablePrefix(staged(at(20, 10), at(0, 10), at(40, 10), at(10, 10)), PIN);
    expect(prefix.map(({ offset }) => offset)).toEqual([0, 10, 20]);
    expect(endOf(prefix)).toBe(30);
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
});
