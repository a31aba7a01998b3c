import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GZIP_HEAD_BYTES, looksLikeGzip } from '../../../../shared/domain/evidence/gzip.ts';

const head = (...bytes: number[]) => looksLikeGzip(new Uint8Array(bytes));

describe('a result that looks like gzip', () => {
  it('is one that gzip wrote, told by its first four bytes', () => {
    const zipped = gzipSync('evidence');
    expect(looksLikeGzip(zipped)).toBe(true);
    expect(looksLikeGzip(zipped.subarray(0, GZIP_HEAD_BYTES))).toBe(true);
    expect(looksLikeGzip(zipped.subarray(0, GZIP_HEAD_BYTES - 1))).toBe(false);
    expect(head()).toBe(false);
  });

  it('may have any of the five flags that there are', () => {
    expect(head(0x1f, 0x8b, 8, 0b0001_1111)).toBe(true);
  });

  it.each([
    ['another first byte', [0x1e, 0x8b, 8, 0]],
    ['another second byte', [0x1f, 0x8c, 8, 0]],
    ['a method other than deflate', [0x1f, 0x8b, 7, 0]],
    ['the first reserved flag', [0x1f, 0x8b, 8, 0b0010_0000]],
    ['the last reserved flag', [0x1f, 0x8b, 8, 0b1000_0000]],
    ['a ZIP archive', [0x50, 0x4b, 3, 4]],
  ])('is not one with %s', (_, bytes) => {
    expect(head(...bytes)).toBe(false);
  });
});
