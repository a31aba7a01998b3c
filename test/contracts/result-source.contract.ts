import { describe, expect, it } from 'vitest';
import type { MemoryResult } from '../../shared/adapters/results/memory-result-source.ts';
import type { ResultBody, ResultSource } from '../../shared/ports.ts';

const BYTES = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);

/** A source that shows this result, and the link to it. */
type Show = (result: MemoryResult) => { source: ResultSource; link: string };

export function resultSourceContract(name: string, show: Show): void {
  const open = async (result: MemoryResult, options?: Parameters<ResultSource['open']>[1]): Promise<ResultBody> => {
    const { source, link } = show(result);
    const opened = await source.open(link, options);
    if (!opened.ok) throw new Error(`not opened: ${opened.fault.kind}`);
    return opened.value;
  };
  const faultOf = async (result: MemoryResult, options?: Parameters<ResultSource['open']>[1]) => {
    const { source, link } = show(result);
    const opened = await source.open(link, options);
    if (!opened.ok) return opened.fault;
    opened.value.close();
    return undefined;
  };

  describe(`${name} as a source of results`, () => {
    it('gives the bytes with what is known of them', async () => {
      const body = await open({ bytes: BYTES, etag: '"1"' });
      expect(body).toMatchObject({ offset: 0, totalBytes: BYTES.length, etag: '"1"', acceptsRanges: true });
      expect(await readAll(body)).toEqual({ bytes: Buffer.from(BYTES), broke: false });
    });

    it('gives an empty result', async () => {
      const body = await open({ bytes: new Uint8Array(), etag: '"1"' });
      expect(body.totalBytes).toBe(0);
      expect((await readAll(body)).bytes).toHaveLength(0);
    });

    it('says nothing that the source does not say', async () => {
      const body = await open({ bytes: BYTES, ranges: false, announcedBytes: undefined });
      expect(body.acceptsRanges).toBe(false);
      expect(body).not.toHaveProperty('totalBytes');
      expect(body).not.toHaveProperty('etag');
      expect((await readAll(body)).bytes).toHaveLength(BYTES.length);
    });

    it('gives the rest from a byte on', async () => {
      const body = await open({ bytes: BYTES, etag: '"1"' }, { from: 99_990, ifMatch: '"1"' });
      expect(body).toMatchObject({ offset: 99_990, totalBytes: BYTES.length, etag: '"1"' });
      expect((await readAll(body)).bytes).toEqual(Buffer.from(BYTES.subarray(99_990)));
    });

    it('tells when the source ignored the range', async () => {
      const body = await open({ bytes: BYTES, ranges: false }, { from: 10 });
      expect(body.offset).toBe(0);
      body.close();
    });

    it('tells that the source is another object now', async () => {
      expect(await faultOf({ bytes: BYTES, etag: '"2"' }, { from: 10, ifMatch: '"1"' })).toEqual({ kind: 'changed' });
      expect(await faultOf({ bytes: BYTES, etag: '"1"' }, { from: 100_000, ifMatch: '"1"' })).toEqual({
        kind: 'changed',
      });
    });

    it('gives what came before the connection broke', async () => {
      const { bytes, broke } = await readAll(await open({ bytes: BYTES, etag: '"1"', breaksAt: [70_000] }));
      expect(broke).toBe(true);
      expect(bytes).toEqual(Buffer.from(BYTES.subarray(0, bytes.length)));
      expect(bytes.length).toBeLessThanOrEqual(70_000);
    });

    it('never makes up for bytes that were announced and do not come', async () => {
      const body = await open({ bytes: BYTES, announcedBytes: BYTES.length + 1 });
      expect(body.totalBytes).toBe(BYTES.length + 1);
      expect((await readAll(body)).bytes.length).toBeLessThanOrEqual(BYTES.length);
    });

    it.each(['linkRefused', 'notFound', 'changed'] as const)('tells %s', async (kind) => {
      expect(await faultOf({ bytes: BYTES, fault: { kind } })).toEqual({ kind });
    });

    it('tells a source that is down', async () => {
      const fault = await faultOf({ bytes: BYTES, fault: { kind: 'unavailable', httpStatus: 503, message: 'down' } });
      expect(fault).toMatchObject({ kind: 'unavailable', httpStatus: 503 });
    });

    it.each([
      'https://evil.example/x',
      'https://blob.core.windows.net.evil.example/x',
      'https://evilblob.core.windows.net/x',
      'http://tenant.blob.core.windows.net/x',
      'http://169.254.169.254/latest',
      'https://tenant.blob.core.windows.net@evil.example/x',
      'ftp://127.0.0.1/x',
      'file:///etc/passwd',
    ])('does not follow a redirect to %s', async (redirectTo) => {
      expect(await faultOf({ bytes: BYTES, redirectTo })).toMatchObject({ kind: 'hostNotAllowed' });
    });

    it('does not follow redirects without end', async () => {
      const { source, link } = show({ bytes: BYTES });
      const looping = show({ bytes: BYTES, redirectTo: link });
      expect(await looping.source.open(looping.link)).toMatchObject({ ok: false, fault: { kind: 'unavailable' } });
      expect(source).toBeDefined();
    });

    it('tells what is no address', async () => {
      const { source } = show({ bytes: BYTES });
      expect(await source.open('no address')).toMatchObject({ ok: false, fault: { kind: 'unavailable' } });
    });
  });
}

async function readAll(body: ResultBody): Promise<{ bytes: Buffer; broke: boolean }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of body.body) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), broke: false };
  } catch {
    return { bytes: Buffer.concat(pieces), broke: true };
  }
}
