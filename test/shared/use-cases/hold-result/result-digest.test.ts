import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResultDigest, type ResultDigest } from '../../../../shared/use-cases/hold-result/result-digest.ts';
import { sha256, someBytes } from './archive.ts';

const MIB = 1024 ** 2;
const clock = { now: () => 0 };

async function digestOf(bytes: Uint8Array, limits?: { bytes: number; inflateMs: number }, chunkBytes = 65_536) {
  const digest = createResultDigest({ commandType: 'GetFile', clock, ...(limits ? { limits } : {}) });
  for (let at = 0; at < bytes.length; at += chunkBytes) await digest.write(bytes.subarray(at, at + chunkBytes));
  return digest.end();
}

const content = ({ contentBytes, contentSha256, contentNote }: ResultDigest) => ({
  contentBytes,
  contentSha256,
  contentNote,
});

describe('the content of a GetFile result', () => {
  const file = someBytes(300_000);

  it('is the file inside, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70_000 }),
        fc.integer({ min: 0, max: 20_000 }),
        async (cut, length) => {
          const inside = file.subarray(0, length);
          const found = await digestOf(gzipSync(inside), undefined, cut);
          expect(content(found)).toEqual({
            contentBytes: length,
            contentSha256: sha256(inside),
            contentNote: undefined,
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is the result itself where that is no gzip', async () => {
    for (const bytes of [file, file.subarray(0, 0), Uint8Array.of(0x1f, 0x8b), Uint8Array.of(0x1f)])
      expect(await digestOf(bytes)).toMatchObject({ contentBytes: bytes.length, contentSha256: sha256(bytes) });
  });

  it('is unpacked once: a .gz that was collected stays one', async () => {
    const inside = gzipSync(file);
    expect(await digestOf(gzipSync(inside))).toMatchObject({ contentSha256: sha256(inside) });
  });

  it('is left out with a note when the stream is cut short or damaged, and the result is still told', async () => {
    const whole = gzipSync(file);
    const flipped = Uint8Array.from(whole);
    flipped[150_000] = (flipped[150_000] ?? 0) ^ 0xff;
    for (const bytes of [whole.subarray(0, whole.length - 1), whole.subarray(0, 12), flipped]) {
      const found = await digestOf(bytes);
      expect(found).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
      expect(content(found)).toEqual({ contentNote: 'contentDamaged' });
    }
  });

  it('does not count what follows the stream', async () => {
    const found = await digestOf(Buffer.concat([gzipSync(file), Buffer.alloc(2 * MIB)]));
    expect(found).toMatchObject({ contentBytes: file.length, contentSha256: sha256(file) });
  });

  it('of a bomb is not unpacked beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    const before = process.memoryUsage().rss;
    const found = await digestOf(bomb, { bytes: 4 * MIB, inflateMs: 1_000 });
    expect(content(found)).toEqual({ contentNote: 'contentTooLarge' });
    expect(found).toMatchObject({ bytes: bomb.length, sha256: sha256(bomb) });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });

  it('is given up when unpacking takes too long', async () => {
    let now = 0;
    const slow = { now: () => (now += 100) };
    const digest = createResultDigest({ commandType: 'GetFile', clock: slow, limits: { bytes: MIB, inflateMs: 150 } });
    const bytes = gzipSync(file);
    for (let at = 0; at < bytes.length; at += 1_000) await digest.write(bytes.subarray(at, at + 1_000));
    expect(content(await digest.end())).toEqual({ contentNote: 'contentTooSlow' });
  });
});

describe('the result of a script', () => {
  it('is looked into only up to 4 MiB', async () => {
    const digest = createResultDigest({ commandType: 'RunScript', clock });
    await digest.write(new Uint8Array(4 * MIB));
    await digest.write(new Uint8Array(1));
    expect(await digest.end()).not.toHaveProperty('script');
  });

  it('of exactly 4 MiB is looked into as a whole, however it was cut', async () => {
    const bytes = someBytes(4 * MIB);
    const digest = createResultDigest({ commandType: 'RunScript', clock });
    await digest.write(bytes.subarray(0, 5));
    await digest.write(bytes.subarray(5));
    const { script, ...found } = await digest.end();
    expect(script && sha256(script)).toBe(sha256(bytes));
    expect(found).toEqual({ bytes: bytes.length, sha256: sha256(bytes) });
  });
});
