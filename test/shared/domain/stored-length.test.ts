import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fittingOneTransaction, storedLength } from '../../../shared/domain/stored-length.ts';

const rowOf = (n: number) => 'x'.repeat(n);

describe('the length of a stored value', () => {
  it('counts six for every character that rows escape', () => {
    expect(storedLength('ab')).toBe(4);
    expect(storedLength('aé')).toBe(3 + 6);
    expect(storedLength({ a: '\u2028' })).toBe('{"a":""}'.length + 6);
  });
});

describe('what fits one transaction', () => {
  it('is the first of all that fit together, and always the first', () => {
    const million = 1_000_000 - 2;
    expect(fittingOneTransaction([million, million, million], rowOf)).toHaveLength(3);
    expect(fittingOneTransaction([million, million, million, 1], rowOf)).toHaveLength(3);
    expect(fittingOneTransaction([3_000_000, 1], rowOf)).toEqual([3_000_000]);
    expect(fittingOneTransaction([], rowOf)).toEqual([]);
  });

  it('keeps order, and leaves out nothing that is small', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 90 }), (all) => {
        expect(fittingOneTransaction(all, rowOf)).toEqual(all);
      }),
    );
  });
});
