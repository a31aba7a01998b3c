import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCrc64 } from '../../shared/domain/evidence/crc64.ts';
import type { EvidenceStore } from '../../shared/ports.ts';

const properties = { contentType: 'application/octet-stream', metadata: { attemptid: 'a1' } };
const id = (name: string) => Buffer.from(name).toString('base64');
const bytesOf = (text: string) => Buffer.from(text);

/** What every store of evidence does. `link` is an address from which `fetched` can be copied server side. */
export function evidenceStoreContract(
  name: string,
  open: () => Promise<{ store: EvidenceStore; link: string; fetched: Uint8Array }>,
): void {
  const opened = async () => ({ ...(await open()), blob: `INC-1/${randomUUID()}/ws01_m1/00-GetFile-Größe 1+2.zip` });

  describe(`${name} as a store of evidence`, () => {
    it('knows nothing of a blob that was never written', async () => {
      const { store, blob } = await opened();
      expect(await store.stat(blob)).toBeUndefined();
      expect(await store.stagedBlocks(blob)).toEqual([]);
      await expect(readAll(store, blob)).rejects.toThrow();
    });

    it('puts a small blob once', async () => {
      const { store, blob } = await opened();
      expect(await store.put(blob, bytesOf('first'), properties)).toBe('stored');
      expect(await store.put(blob, bytesOf('second'), properties)).toBe('exists');
      expect(await readAll(store, blob)).toBe('first');
      expect(await store.stat(blob)).toEqual({ bytes: 5, metadata: { attemptid: 'a1' } });
    });

    it('puts an empty blob', async () => {
      const { store, blob } = await opened();
      expect(await store.put(blob, new Uint8Array(), properties)).toBe('stored');
      expect(await readAll(store, blob)).toBe('');
    });

    it('takes a name of 1,024 characters and metadata of 8 KiB, and refuses more by name', async () => {
      const { store, blob } = await opened();
      const longest = `${blob}${'x'.repeat(1024 - blob.length)}`;
      const metadata = { a: 'x'.repeat(8 * 1024 - 1) };
      expect(await store.put(longest, bytesOf('text'), { ...properties, metadata })).toBe('stored');
      expect(await store.stat(longest)).toEqual({ bytes: 4, metadata });
      await expect(store.put(`${longest}x`, bytesOf('text'), properties)).rejects.toThrow('1025 characters');
      const more = { ...metadata, b: '' };
      await expect(store.put(blob, bytesOf('text'), { ...properties, metadata: more })).rejects.toThrow('8193 bytes');
      const umlaut = { name: 'Zoë' };
      await expect(store.put(blob, bytesOf('text'), { ...properties, metadata: umlaut })).rejects.toThrow('ASCII');
      expect(await store.stat(blob)).toBeUndefined();
    });

    it('gives names of metadata back in lower case', async () => {
      const { store, blob } = await opened();
      await store.put(blob, bytesOf('text'), { ...properties, metadata: { machineActionId: 'A-1' } });
      expect((await store.stat(blob))?.metadata).toEqual({ machineactionid: 'A-1' });
    });

    it('lets exactly one of two writers at once win', async () => {
      const { store, blob } = await opened();
      const ends = await Promise.all(['one', 'two'].map((text) => store.put(blob, bytesOf(text), properties)));
      expect(ends.sort()).toEqual(['exists', 'stored']);
    });

    it('copies a range of a source server side', async () => {
      const { store, blob, link, fetched } = await opened();
      const copied = await store.stageBlockFromUrl(blob, id('b1'), { link, offset: 0, bytes: 10 });
      const crc = createCrc64();
      crc.update(fetched.subarray(0, 10));
      expect(copied).toEqual({ crc64: crc.digest() });
      await store.stageBlockFromUrl(blob, id('b2'), { link, offset: 10, bytes: fetched.length - 10 });
      await store.commitBlocks(blob, [id('b1'), id('b2')], properties);
      expect(sha256(await readBytes(store, blob))).toBe(sha256(fetched));
    });

    it('throws when a source cannot be copied', async () => {
      const { store, blob, link } = await opened();
      const missing = link.replace('/source', '/missing');
      await expect(store.stageBlockFromUrl(blob, id('b1'), { link: missing, offset: 0, bytes: 10 })).rejects.toThrow();
      expect(await store.stagedBlocks(blob)).toEqual([]);
    });

    it('links to one blob', async () => {
      const { store, blob } = await opened();
      await store.put(blob, bytesOf('evidence'), properties);
      const link = new URL(await store.readLink(blob, Date.now() + 600_000));
      expect(decodeURIComponent(link.pathname).endsWith(blob)).toBe(true);
      expect(link.searchParams.get('sp')).toBe('r');
      expect(Date.parse(link.searchParams.get('se') ?? '')).toBeGreaterThan(Date.now());
    });
  });
}

export async function readBytes(store: EvidenceStore, blobName: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await store.read(blobName)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const readAll = async (store: EvidenceStore, blobName: string) => (await readBytes(store, blobName)).toString();

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
