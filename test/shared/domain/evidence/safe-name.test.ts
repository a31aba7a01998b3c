import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctName, safeName } from '../../../../shared/domain/evidence/safe-name.ts';

const bytes = (text: string) => Buffer.byteLength(text);

describe('a safe name', () => {
  it('is the name itself up to the last byte that fits', () => {
    expect(safeName('a'.repeat(30), 30)).toBe('a'.repeat(30));
    expect(safeName('é'.repeat(15), 30)).toBe('é'.repeat(15));
    expect(safeName('a'.repeat(31), 30)).toMatch(/^a{21}~[0-9a-f]{8}$/);
  });

  it('shows every dot and blank at its edges as a line', () => {
    expect(safeName('  .a. b . ', 30)).toBe('___a. b___');
    expect(safeName('...', 30)).toBe('___');
  });

  it.each(['con', 'AUX.txt', 'Com1', 'com¹.log', 'lpt9', 'nul.txt.gz'])('is not %s, which Windows reserves', (name) => {
    expect(safeName(name, 30)).toMatch(/^_/);
    expect(safeName(`x${name}`, 30)).not.toMatch(/^_/);
  });

  it('is a name that only begins like a reserved one', () => {
    for (const name of ['console', 'com10', 'aux-1', 'null.txt']) expect(safeName(name, 30)).toBe(name);
    expect([safeName('CONIN$', 30), safeName('nul.', 30)]).toEqual(['CONIN_', 'nul_']);
  });

  it('cut short keeps its ending if that is one, and as much of its beginning as fits', () => {
    expect(safeName(`${'a'.repeat(40)}.evtx`, 30)).toMatch(/^a{16}~[0-9a-f]{8}\.evtx$/);
    expect(safeName(`a.bc ${'d'.repeat(40)}`, 30)).toMatch(/^a\.bc d{16}~[0-9a-f]{8}$/);
    expect(safeName(`${'a'.repeat(40)}.${'b'.repeat(11)}`, 30)).toMatch(/^a{21}~[0-9a-f]{8}$/);
    expect(safeName(`${'a'.repeat(28)}文文`, 30)).toMatch(/^a{21}~[0-9a-f]{8}$/);
    expect(safeName(`${'a'.repeat(20)}文${'b'.repeat(20)}`, 30)).toMatch(/^a{20}~[0-9a-f]{8}$/);
  });

  it('never takes more bytes than allowed, whatever the characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), fc.integer({ min: 25, max: 80 }), (name, most) => {
        expect(bytes(safeName(name, most))).toBeLessThanOrEqual(most);
        expect(bytes(distinctName(name, most))).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('a distinct name', () => {
  it('is the name itself where that is safe', () => {
    expect(distinctName('INC-1', 30)).toBe('INC-1');
  });

  it('bears one hash, whether its name was altered or cut, and is cut no shorter than the hash needs', () => {
    expect(distinctName('INC/1', 30)).toMatch(/^INC_1~[0-9a-f]{8}$/);
    expect(distinctName(`${'/'.repeat(25)}`, 30)).toMatch(/^_{21}~[0-9a-f]{8}$/);
    expect(distinctName(`${'/'.repeat(40)}`, 30)).toMatch(/^_{21}~[0-9a-f]{8}$/);
  });

  it('is another one for another name', () => {
    const names = fc.tuple(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }));
    fc.assert(
      fc.property(names, ([one, other]) => {
        if (one !== other) expect(distinctName(one, 40)).not.toBe(distinctName(other, 40));
      }),
    );
    expect(distinctName('a b/c', 40)).not.toBe(distinctName('a b:c', 40));
  });
});
