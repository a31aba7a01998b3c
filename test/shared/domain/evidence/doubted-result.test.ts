import { describe, expect, it } from 'vitest';
import { type DoubtedResult, doubtedOnce, provesItself } from '../../../../shared/domain/evidence/doubted-result.ts';

/** What is known after results with these hashes came one after the other. */
const cameAfter = (...hashes: string[]) =>
  hashes.reduce<DoubtedResult | undefined>((before, sha256) => doubtedOnce(before, sha256), undefined);

describe('a gzip result that does not unpack', () => {
  it('is counted while the same bytes come in a row', () => {
    expect(cameAfter('a')).toEqual({ sha256: 'a', times: 1 });
    expect(cameAfter('a', 'a')).toEqual({ sha256: 'a', times: 2 });
    expect(cameAfter('a', 'a', 'b')).toEqual({ sha256: 'b', times: 1 });
    expect(cameAfter('a', 'b', 'a')).toEqual({ sha256: 'a', times: 1 });
  });

  it('is believed when the same bytes come for the third time', () => {
    expect(provesItself(undefined, 'a')).toBe(false);
    expect(provesItself(cameAfter('a'), 'a')).toBe(false);
    expect(provesItself(cameAfter('a', 'a'), 'a')).toBe(true);
    expect(provesItself(cameAfter('a', 'a', 'a'), 'a')).toBe(true);
    expect(provesItself(cameAfter('a', 'a'), 'b')).toBe(false);
  });
});
