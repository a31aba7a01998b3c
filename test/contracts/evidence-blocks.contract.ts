import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EvidenceStore } from '../../shared/ports.ts';
import { readBytes } from './evidence-store.contract.ts';

const properties = { contentType: 'application/octet-stream', metadata: { attemptid: 'a1' } };
const id = (name: string) => Buffer.from(name).toString('base64');
const bytesOf = (text: string) => Buffer.from(text);

/** What every store of evidence does with blobs that are made of blocks. */
export function evidenceBlocksContract(name: string, open: () => Promise<EvidenceStore>): void {
  const opened = async () => ({ store: await open(), blob: `INC-1/${randomUUID()}/ws01_m1/00-GetFile-a.zip` });

  describe(`${name} as a store of blocks`, () => {
    it('shows staged blocks until they are committed, and the blob only then', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('one '));
      await store.stageBlock(blob, id('b2'), bytesOf('two'));
      expect(await store.stat(blob)).toBeUndefined();
      expect(byId(await store.stagedBlocks(blob))).toEqual([
        { blockId: id('b1'), bytes: 4 },
        { blockId: id('b2'), bytes: 3 },
      ]);
      expect(await store.commitBlocks(blob, [id('b2'), id('b1')], properties)).toBe('stored');
      expect(await readAll(store, blob)).toBe('twoone ');
      expect(await store.stat(blob)).toEqual({ bytes: 7, metadata: { attemptid: 'a1' } });
      expect(await store.stagedBlocks(blob)).toEqual([]);
    });

    it('keeps the last of two blocks with one id', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('old'));
      await store.stageBlock(blob, id('b1'), bytesOf('new'));
      await store.commitBlocks(blob, [id('b1')], properties);
      expect(await readAll(store, blob)).toBe('new');
    });

    it('commits once: what is there is never overwritten', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('first'));
      await store.commitBlocks(blob, [id('b1')], properties);
      await store.stageBlock(blob, id('b2'), bytesOf('second'));
      expect(await store.commitBlocks(blob, [id('b2')], properties)).toBe('exists');
      expect(await store.put(blob, bytesOf('third'), properties)).toBe('exists');
      expect(await readAll(store, blob)).toBe('first');
    });

    it('tells that a blob exists to whoever commits blocks that the first commit has swept away', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('first'));
      await store.stageBlock(blob, id('b2'), bytesOf('second'));
      await store.commitBlocks(blob, [id('b1')], properties);
      expect(await store.commitBlocks(blob, [id('b2')], properties)).toBe('exists');
    });

    it('does not commit a block that is not staged', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('one'));
      await expect(store.commitBlocks(blob, [id('b1'), id('b9')], properties)).rejects.toThrow();
      expect(await store.stat(blob)).toBeUndefined();
    });

    it('keeps the staged blocks when a commit names one that is not', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('one'));
      await expect(store.commitBlocks(blob, [id('b1'), id('b9')], properties)).rejects.toThrow();
      expect(await store.stagedBlocks(blob)).toEqual([{ blockId: id('b1'), bytes: 3 }]);
      expect(await store.commitBlocks(blob, [id('b1')], properties)).toBe('stored');
    });

    it('makes the blob of the blocks that are named alone, and sweeps the others away', async () => {
      const { store, blob } = await opened();
      for (const name of ['b1', 'b2', 'b3']) await store.stageBlock(blob, id(name), bytesOf(name));
      expect(await store.commitBlocks(blob, [id('b3'), id('b1')], properties)).toBe('stored');
      expect(await readAll(store, blob)).toBe('b3b1');
      expect(await store.stagedBlocks(blob)).toEqual([]);
    });

    it('mixes the blocks of two writers of one blob, and commits those of either', async () => {
      const { store, blob } = await opened();
      const stage = (writer: string) =>
        Promise.all([1, 2].map((n) => store.stageBlock(blob, id(`${writer}${n}`), bytesOf(`${writer}${n} `))));
      await Promise.all(['x', 'y'].map(stage));
      expect(await store.stagedBlocks(blob)).toHaveLength(4);
      const commit = (writer: string) => store.commitBlocks(blob, [id(`${writer}1`), id(`${writer}2`)], properties);
      expect((await Promise.all(['x', 'y'].map(commit))).sort()).toEqual(['exists', 'stored']);
      expect(await readAll(store, blob)).toMatch(/^(x1 x2 |y1 y2 )$/);
    });

    it('puts a blob of which blocks are staged, and sweeps them away', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('large'));
      expect(await store.put(blob, bytesOf('small'), properties)).toBe('stored');
      expect(await readAll(store, blob)).toBe('small');
      expect(await store.stat(blob)).toEqual({ bytes: 5, metadata: { attemptid: 'a1' } });
      expect(await store.stagedBlocks(blob)).toEqual([]);
      expect(await store.put(blob, bytesOf('other'), properties)).toBe('exists');
    });

    it('refuses a block whose id has another length, and keeps the others', async () => {
      const { store, blob } = await opened();
      await store.stageBlock(blob, id('b1'), bytesOf('one'));
      await expect(store.stageBlock(blob, id('block-2'), bytesOf('two'))).rejects.toThrow(/block/i);
      expect(await store.stagedBlocks(blob)).toEqual([{ blockId: id('b1'), bytes: 3 }]);
    });

    it.each([
      ['an empty block', id('b1'), ''],
      ['an id that is no base64', 'b1', 'text'],
      ['an id of more than 64 bytes', id('b'.repeat(65)), 'text'],
    ])('refuses %s', async (_, blockId, text) => {
      const { store, blob } = await opened();
      await expect(store.stageBlock(blob, blockId, bytesOf(text))).rejects.toThrow(RangeError);
      expect(await store.stagedBlocks(blob)).toEqual([]);
    });
  });
}

const readAll = async (store: EvidenceStore, blobName: string) => (await readBytes(store, blobName)).toString();

const byId = <T extends { blockId: string }>(blocks: T[]): T[] =>
  blocks.toSorted((a, b) => (a.blockId < b.blockId ? -1 : 1));
