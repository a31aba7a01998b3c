import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kept, keptLength } from '../../../../shared/adapters/storage/kept-value.ts';
import { asciiJson } from '../../../../shared/adapters/storage/stored-text.ts';

/** Whatever JavaScript has that JSON writes in its own way or not at all. */
const anything = fc.object({ withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true });

describe('a value that is kept', () => {
  it('is what its JSON brings back, and knows how long that is', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const copy = kept(value);
        expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)));
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        expect(keptLength(copy)).toBe(asciiJson(value).length);
      }),
    );
  });

  it('has the fields and numbers that only JSON makes of some', () => {
    const odd = { zero: -0, none: Number.NaN, at: new Date(0), list: [undefined, () => 1], gone: undefined };
    const copy = kept(odd);
    expect(copy).toStrictEqual({ zero: 0, none: null, at: '1970-01-01T00:00:00.000Z', list: [null, null] });
    expect(keptLength(copy)).toBe(asciiJson(odd).length);
    expect(Object.keys(kept(JSON.parse('{"__proto__":{"a":1}}') as object))).toEqual(['__proto__']);
  });

  it('stays as it was, whatever becomes of the one that was given, at any depth', () => {
    const given = { a: { b: [1] } };
    const copy = kept(given);
    given.a.b.push(2);
    expect(copy).toEqual({ a: { b: [1] } });
    expect(Object.isFrozen(copy.a.b)).toBe(true);
  });

  it('shares what was kept before', () => {
    const first = kept({ a: { b: 'ü' }, c: 1 });
    const second = kept({ ...first, c: 2 });
    expect(second.a).toBe(first.a);
    expect(keptLength(second)).toBe(asciiJson(second).length);
  });

  it('is refused when it fits no row', () => {
    expect(() => kept({ a: 'x'.repeat(450_000) }, 'row a')).toThrow('450008 characters in one row a');
  });
});
