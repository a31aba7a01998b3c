import type { ResultBody, ResultFault, ResultSource } from '../../ports.ts';
import { type LinkRule, linkAllowed } from './link-hosts.ts';

/** A result as a source shows it, with what sources do wrong. */
export interface MemoryResult {
  bytes: Uint8Array;
  /** Absent: none is told. */
  etag?: string;
  /** Default: they are kept to. */
  ranges?: boolean;
  /** What the source says of the length: the truth unless given; `undefined` for nothing. */
  announcedBytes?: number | undefined;
  chunkBytes?: number;
  /** Offsets at which a connection that started before breaks, each once. */
  breaksAt?: number[];
  /** Answered instead. */
  fault?: ResultFault;
  redirectTo?: string;
}

export interface MemoryResultSource extends ResultSource {
  put(link: string, result: MemoryResult): void;
  /** Offsets asked for, in order. */
  readonly opened: { link: string; from: number }[];
  /** What a storage service gets that is told to fetch a range. Throws where it would be refused. */
  fetchRange(source: { link: string; offset: number; bytes: number }): Promise<Uint8Array>;
}

const MAX_REDIRECTS = 5;

/** Results in memory, under the same rule for links as the real source. */
export function createMemoryResultSource(rule: LinkRule): MemoryResultSource {
  const results = new Map<string, MemoryResult>();
  const opened: { link: string; from: number }[] = [];

  const find = (link: string): { ok: true; value: MemoryResult } | { ok: false; fault: ResultFault } => {
    let url = URL.parse(link);
    for (let redirects = 0; url && redirects <= MAX_REDIRECTS; redirects++) {
      if (!linkAllowed(url, rule)) return { ok: false, fault: { kind: 'hostNotAllowed', host: url.host } };
      const result = results.get(url.href);
      if (!result) return { ok: false, fault: { kind: 'notFound' } };
      if (result.fault) return { ok: false, fault: result.fault };
      if (result.redirectTo === undefined) return { ok: true, value: result };
      url = URL.parse(result.redirectTo, url.href);
    }
    const message = url ? `the source redirects more than ${MAX_REDIRECTS} times` : 'the link is not an address';
    return { ok: false, fault: { kind: 'unavailable', message } };
  };

  return {
    opened,
    put: (link, result) => {
      results.set(new URL(link).href, result);
    },
    open: async (link, { from = 0, ifMatch, signal } = {}) => {
      opened.push({ link, from });
      const found = find(link);
      if (!found.ok) return found;
      const result = found.value;
      if (signal?.aborted) return { ok: false, fault: { kind: 'unavailable', message: 'aborted' } };
      if (ifMatch !== undefined && ifMatch !== result.etag) return { ok: false, fault: { kind: 'changed' } };
      const ranges = result.ranges ?? true;
      if (ranges && from > 0 && from >= result.bytes.length) return { ok: false, fault: { kind: 'changed' } };
      return { ok: true, value: bodyOf(result, ranges ? from : 0, ranges) };
    },
    fetchRange: async ({ link, offset, bytes }) => {
      const found = find(link);
      if (!found.ok || found.value.ranges === false) throw new Error('CannotVerifyCopySource');
      return found.value.bytes.slice(offset, offset + bytes);
    },
  };
}

function bodyOf(result: MemoryResult, offset: number, acceptsRanges: boolean): ResultBody {
  const totalBytes = 'announcedBytes' in result ? result.announcedBytes : result.bytes.length;
  let closed = false;
  return {
    body: chunksOf(result, offset, () => closed),
    offset,
    acceptsRanges,
    close: () => {
      closed = true;
    },
    ...(totalBytes === undefined ? {} : { totalBytes }),
    ...(result.etag === undefined ? {} : { etag: result.etag }),
  };
}

async function* chunksOf(result: MemoryResult, offset: number, isClosed: () => boolean): AsyncIterable<Uint8Array> {
  const { bytes, chunkBytes = 64 * 1024 } = result;
  for (let at = offset; at < bytes.length; ) {
    if (isClosed()) throw new Error('the body was closed');
    const breakAt = result.breaksAt?.filter((where) => where >= at).sort((a, b) => a - b)[0];
    if (breakAt === at) {
      result.breaksAt = result.breaksAt?.filter((where) => where !== breakAt) ?? [];
      throw new Error('ECONNRESET');
    }
    const end = Math.min(at + chunkBytes, breakAt ?? bytes.length, bytes.length);
    yield bytes.slice(at, end);
    at = end;
  }
}
