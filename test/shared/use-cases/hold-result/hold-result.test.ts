import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryEvidence } from '../../../../shared/adapters/storage/memory-evidence.ts';
import { archive, BLOB, BLOCK, LINK, sha256, someBytes } from './archive.ts';

const KIB = 1024;
const large = someBytes(2 * BLOCK + 40 * KIB);

describe('holding a result', () => {
  it('stores it as it came, with its length and SHA-256', async () => {
    const bytes = someBytes(100_000);
    const { hold, stored, evidence } = archive({ bytes, etag: '"1"' });
    expect(await hold()).toMatchObject({
      kind: 'stored',
      bytes: 100_000,
      sha256: sha256(bytes),
      contentBytes: 100_000,
      contentSha256: sha256(bytes),
      alreadyStored: false,
    });
    expect(await stored()).toEqual(Buffer.from(bytes));
    expect((await evidence.stat(BLOB))?.metadata).toEqual({
      attemptid: 'a1',
      resultbytes: '100000',
      sha256: sha256(bytes),
    });
  });

  it.each([0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])('stores %i bytes', async (length) => {
    const bytes = large.slice(0, length);
    const { hold, stored } = archive({ bytes, etag: '"1"', chunkBytes: 24 * KIB + 1 });
    expect(await hold()).toMatchObject({ kind: 'stored', bytes: length, sha256: sha256(bytes) });
    expect(sha256(await stored())).toBe(sha256(bytes));
  });

  it('stores a result whose source tells neither length nor ETag', async () => {
    const { hold } = archive({ bytes: large, announcedBytes: undefined, ranges: false });
    expect(await hold()).toMatchObject({ kind: 'stored', bytes: large.length, sha256: sha256(large) });
  });

  it('reads the exit code of a script, whose result stays as it came', async () => {
    const bytes = Buffer.from('{"script_name":"a.ps1","exit_code":3,"script_output":"done","script_errors":""}\0\0');
    const { hold, stored } = archive({ bytes });
    const held = await hold({ commandType: 'RunScript' });
    expect(held).toMatchObject({ kind: 'stored', exitCode: 3, scriptOutput: 'done', sha256: sha256(bytes) });
    expect(held).not.toHaveProperty('contentSha256');
    expect(await stored()).toEqual(bytes);
  });

  it('does not store what is shorter than announced', async () => {
    for (const ranges of [true, false]) {
      const { hold, evidence } = archive({ bytes: large.slice(0, 1_000), announcedBytes: 1_001, ranges });
      expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
      expect(evidence.names()).toEqual([]);
    }
  });

  it('does not store what is longer than announced', async () => {
    const { hold, evidence } = archive({ bytes: large, announcedBytes: large.length - 1, etag: '"1"' });
    expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
    expect(evidence.names()).toEqual([]);
  });

  it('doubts a gzip stream that does not unpack, until the same bytes have come three times', async () => {
    for (const content of [someBytes(10_000), large]) {
      const whole = gzipSync(content);
      const cutShort = whole.subarray(0, -1_000);
      const { hold, source, evidence } = archive({ bytes: cutShort, etag: '"1"' });
      expect(await hold()).toEqual({ kind: 'fault', fault: { kind: 'doubtful', sha256: sha256(cutShort) } });
      expect(evidence.names()).toEqual([]);
      source.put(LINK, { bytes: whole, etag: '"1"' });
      expect(await hold({ doubted: { sha256: sha256(cutShort), times: 2 } })).toMatchObject({
        kind: 'stored',
        contentSha256: sha256(content),
      });

      const again = archive({ bytes: cutShort, etag: '"1"' });
      const doubted = { sha256: sha256(cutShort), times: 1 };
      expect(await again.hold({ doubted })).toMatchObject({ kind: 'fault', fault: { kind: 'doubtful' } });
      expect(await again.hold({ doubted: { ...doubted, times: 2 } })).toMatchObject({
        kind: 'stored',
        sha256: sha256(cutShort),
        contentNote: 'contentDamaged',
      });
    }
  });

  it.each(['linkRefused', 'notFound', 'changed'] as const)('tells a source that answers %s', async (kind) => {
    const { hold } = archive({ bytes: large, fault: { kind } });
    expect(await hold()).toEqual({ kind: 'fault', fault: { kind } });
  });

  it('fetches nothing from a host that is not allowed, nor through a redirect to one', async () => {
    const { hold, source } = archive({ bytes: large, redirectTo: 'https://blob.core.windows.net.evil.example/x' });
    const refused = { kind: 'fault', fault: { kind: 'hostNotAllowed', host: 'blob.core.windows.net.evil.example' } };
    expect(await hold()).toEqual(refused);
    expect(await hold({ link: 'https://blob.core.windows.net.evil.example/x' })).toEqual(refused);
    expect(source.opened).toHaveLength(2);
  });

  it('lets the store tell that it is broken', async () => {
    const { hold } = archive({ bytes: large, etag: '"1"' });
    const broken = { ...createMemoryEvidence(), stageBlock: () => Promise.reject(new Error('no storage')) };
    await expect(hold({}, broken)).rejects.toThrow('no storage');
  });

  it('logs no link', async () => {
    const { hold, logged } = archive({ bytes: large, etag: '"1"', breaksAt: [10] });
    await hold();
    expect(logged.join()).toContain('result.resumed');
    expect(logged.join()).not.toContain('secret');
  });
});

describe('holding a result when the connection breaks', () => {
  it('goes on at the last byte', async () => {
    const { hold, source, stored } = archive({
      bytes: large,
      etag: '"1"',
      breaksAt: [0, 7, BLOCK, 160 * KIB + 3],
    });
    expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    expect(source.opened.map(({ from }) => from)).toEqual([0, 0, 7, BLOCK, 160 * KIB + 3]);
    expect(sha256(await stored())).toBe(sha256(large));
  });

  it('ends the try when it breaks again and again without progress', async () => {
    const { hold } = archive({ bytes: large, etag: '"1"', breaksAt: [1, 2, 3, 4] });
    expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
    expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(large) });
  });

  it('does not go on where the object cannot be told from another: the next try starts over', async () => {
    for (const source of [{ ranges: false, etag: '"1"' }, { ranges: true }]) {
      const { hold, evidence } = archive({ bytes: large, breaksAt: [160 * KIB], ...source });
      expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
      expect(evidence.names()).toEqual([]);
      expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    }
  });

  it('does not mix two objects when the source is replaced in between', async () => {
    const replaced = someBytes(large.length, 2);
    const result = { bytes: large, etag: '"1"', breaksAt: [BLOCK + 1] };
    const { hold, source, evidence, stored } = archive(result);
    source.put(LINK, {
      ...result,
      get etag() {
        return source.opened.length > 1 ? '"2"' : '"1"';
      },
    });
    expect(await hold()).toEqual({ kind: 'fault', fault: { kind: 'changed' } });
    expect(evidence.names()).toEqual([]);
    source.put(LINK, { bytes: replaced, etag: '"2"' });
    expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(replaced) });
    expect(sha256(await stored())).toBe(sha256(replaced));
  });

  it('never stores anything but the source, however it is cut and broken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 * KIB }),
        fc.array(fc.integer({ min: 0, max: large.length - 1 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: large.length }),
        fc.boolean(),
        async (chunkBytes, breaksAt, length, pinned) => {
          const bytes = large.subarray(0, length);
          const { hold, stored } = archive({ bytes, chunkBytes, breaksAt, ...(pinned ? { etag: '"1"' } : {}) });
          let held = await hold();
          for (let tries = 1; held.kind === 'fault' && tries < 15; tries++) held = await hold();
          expect(held).toMatchObject({ kind: 'stored', sha256: sha256(bytes) });
          expect(sha256(await stored())).toBe(sha256(bytes));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('holding a result over several tries', () => {
  it('stops before the time is over and goes on from what is staged', async () => {
    const { hold, advance, source, evidence } = archive({ bytes: large, etag: '"1"' });
    const slow = {
      ...evidence,
      stageBlock: async (...block: Parameters<typeof evidence.stageBlock>) => {
        await evidence.stageBlock(...block);
        advance(60_000);
      },
    };
    const first = await hold({ deadlineAt: 61_000 }, slow);
    expect(first).toEqual({ kind: 'fault', fault: { kind: 'outOfTime', stagedBytes: 2 * BLOCK } });
    expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    expect(source.opened.at(-1)?.from).toBe(2 * BLOCK);
  });

  it('stops at once when it is told to, and while it reads back too', async () => {
    const { hold, evidence } = archive({ bytes: large, etag: '"1"' });
    const outOfTime = { kind: 'fault', fault: { kind: 'outOfTime' } };
    expect(await hold({ signal: AbortSignal.abort() })).toMatchObject(outOfTime);
    expect(evidence.names()).toEqual([]);
    await hold();
    expect(await hold({ signal: AbortSignal.abort() })).toMatchObject(outOfTime);
  });

  it('takes up the blocks of a try that was killed, and proves them by reading back', async () => {
    const { hold, source, evidence, stored } = archive({ bytes: large, etag: '"1"', breaksAt: [2 * BLOCK + 1] });
    const lost = { ...evidence, commitBlocks: () => Promise.reject(new Error('killed')) };
    await expect(hold({}, lost)).rejects.toThrow('killed');
    expect(await evidence.stagedBlocks(BLOB)).toHaveLength(3);
    expect(await hold()).toMatchObject({
      kind: 'stored',
      sha256: sha256(large),
      contentSha256: sha256(large),
      alreadyStored: false,
    });
    expect(source.opened.at(-1)?.from).toBe(0); // nothing was left to fetch
    expect(sha256(await stored())).toBe(sha256(large));
  });

  it('takes no block that another try had copied of what the source has become', async () => {
    const { hold, source, evidence } = archive({ bytes: large, etag: '"1"' });
    const copying = { serverCopyFromBytes: 1 };
    const meanwhile = {
      ...evidence,
      stagedBlocks: async (blobName: string) => {
        if (source.opened.length > 1) return evidence.stagedBlocks(blobName);
        const other = { ...evidence, stagedBlocks: async () => [] };
        const opened = hold(copying, {
          ...other,
          stageBlockFromUrl: async (...args: Parameters<typeof evidence.stageBlockFromUrl>) => {
            source.put(LINK, { bytes: someBytes(large.length, 9), etag: '"2"' });
            return evidence.stageBlockFromUrl(...args);
          },
        });
        expect(await opened).toMatchObject({ fault: { kind: 'changed' } });
        return evidence.stagedBlocks(blobName);
      },
    };
    expect(await hold({}, meanwhile)).toMatchObject({ fault: { kind: 'changed' } });
    expect(evidence.names()).toEqual([]);
  });

  it('keeps its own copied blocks although another try copies what the source has become', async () => {
    const { hold, source, evidence, stored } = archive({ bytes: large, etag: '"1"' });
    const link = `${LINK}-of-the-other-try`;
    source.put(link, { bytes: large, etag: '"1"' });
    const becoming = {
      ...evidence,
      stagedBlocks: async () => [],
      stageBlockFromUrl: async (...args: Parameters<typeof evidence.stageBlockFromUrl>) => {
        source.put(link, { bytes: someBytes(large.length, 9), etag: '"2"' });
        return evidence.stageBlockFromUrl(...args);
      },
    };
    const heldUp = {
      ...evidence,
      commitBlocks: async (...args: Parameters<typeof evidence.commitBlocks>) => {
        expect(await hold({ link, serverCopyFromBytes: 1 }, becoming)).toMatchObject({ fault: { kind: 'changed' } });
        return evidence.commitBlocks(...args);
      },
    };
    expect(await hold({ serverCopyFromBytes: 1 }, heldUp)).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    expect(sha256(await stored())).toBe(sha256(large));
  });

  it('fetches only the rest', async () => {
    const { hold, source, evidence } = archive({ bytes: large, etag: '"1"', breaksAt: [BLOCK + 2] });
    let calls = 0;
    const dying = {
      ...evidence,
      stageBlock: (...block: Parameters<typeof evidence.stageBlock>) =>
        ++calls > 1 ? Promise.reject(new Error('killed')) : evidence.stageBlock(...block),
    };
    await expect(hold({}, dying)).rejects.toThrow('killed');
    expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    expect(source.opened.at(-1)?.from).toBe(BLOCK);
  });

  it('leaves the blocks of a replaced object alone', async () => {
    const { hold, source, evidence } = archive({ bytes: large, etag: '"1"' });
    const lost = { ...evidence, commitBlocks: () => Promise.reject(new Error('killed')) };
    await expect(hold({}, lost)).rejects.toThrow('killed');
    const replaced = someBytes(large.length, 3);
    source.put(LINK, { bytes: replaced, etag: '"2"' });
    expect(await hold()).toMatchObject({ kind: 'stored', sha256: sha256(replaced) });
  });

  it('takes a blob that is there already for what it is, after reading it', async () => {
    const bytes = gzipSync(large.subarray(0, 50_000));
    const { hold, source } = archive({ bytes, etag: '"1"' });
    const { alreadyStored: _, ...first } = { ...(await hold()) } as { alreadyStored?: boolean };
    const opened = source.opened.length;
    expect(await hold({ metadata: { attemptid: 'a2' } })).toEqual({ ...first, alreadyStored: true });
    expect(source.opened).toHaveLength(opened);
  });

  it('gives two tries at once the same end', async () => {
    const { hold } = archive({ bytes: large, etag: '"1"' });
    const both = await Promise.all([hold(), hold()]);
    for (const held of both) expect(held).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    expect(both.map((held) => held.kind === 'stored' && held.alreadyStored).sort()).toEqual([false, true]);
  });

  it('does not take spoiled bytes for stored ones', async () => {
    const { hold, evidence } = archive({ bytes: large, etag: '"1"' });
    await hold();
    const spoiled = Uint8Array.from(large);
    spoiled[90 * KIB] = (spoiled[90 * KIB] ?? 0) ^ 1;
    evidence.replaceBytes(BLOB, spoiled);
    expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
    evidence.replaceBytes(BLOB, large.subarray(0, 100));
    expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
  });

  it('finds a staged block whose bytes are not those that were sent', async () => {
    const { hold, evidence } = archive({ bytes: large, etag: '"1"' });
    const lost = { ...evidence, commitBlocks: () => Promise.reject(new Error('killed')) };
    await expect(hold({}, lost)).rejects.toThrow('killed');
    const [, second] = await evidence.stagedBlocks(BLOB);
    if (second) await evidence.stageBlock(BLOB, second.blockId, someBytes(second.bytes, 9));
    expect(await hold()).toMatchObject({ kind: 'fault', fault: { kind: 'damaged' } });
  });
});

describe('server-side copy', () => {
  const wide = someBytes(30 * KIB);

  it('stores the same bytes, proven by reading them back', async () => {
    const { hold, source, stored } = archive({ bytes: wide, etag: '"1"' });
    expect(await hold({ serverCopyFromBytes: 1 })).toMatchObject({ kind: 'stored', sha256: sha256(wide) });
    expect(sha256(await stored())).toBe(sha256(wide));
    expect(source.opened.map(({ from }) => from)).toEqual([0, wide.length - 1]);
  });

  it('falls back to streaming when the service refuses', async () => {
    const { hold, evidence, logged } = archive({ bytes: large, etag: '"1"' });
    const refusing = { ...evidence, stageBlockFromUrl: () => Promise.reject(new Error(`no ${LINK}`)) };
    expect(await hold({ serverCopyFromBytes: 1 }, refusing)).toMatchObject({ kind: 'stored', sha256: sha256(large) });
    expect(logged.join()).toContain('result.copyFellBack');
    expect(logged.join()).not.toContain('secret');
  });

  it('finds a copy whose bytes are not those that the service summed up', async () => {
    const { hold, evidence } = archive({ bytes: wide, etag: '"1"' });
    const lying = {
      ...evidence,
      stageBlockFromUrl: async (...copy: Parameters<typeof evidence.stageBlockFromUrl>) => {
        await evidence.stageBlockFromUrl(...copy);
        return { crc64: '0123456789abcdef' };
      },
    };
    expect(await hold({ serverCopyFromBytes: 1 }, lying)).toMatchObject({ fault: { kind: 'damaged' } });
  });

  it('keeps nothing of an object that was replaced while it was copied', async () => {
    const { hold, source, evidence } = archive({ bytes: wide, etag: '"1"' });
    const racing = {
      ...evidence,
      stageBlockFromUrl: async (...copy: Parameters<typeof evidence.stageBlockFromUrl>) => {
        source.put(LINK, { bytes: someBytes(wide.length, 5), etag: '"2"' });
        return evidence.stageBlockFromUrl(...copy);
      },
    };
    expect(await hold({ serverCopyFromBytes: 1 }, racing)).toEqual({ kind: 'fault', fault: { kind: 'changed' } });
    expect(evidence.names()).toEqual([]);
    expect(await hold({ serverCopyFromBytes: 1 })).toMatchObject({ sha256: sha256(someBytes(wide.length, 5)) });
  });
});
