import { createHash } from 'node:crypto';
import { mulberry32, seedFrom } from '../../infra/local/simulated-tenant/model/random.ts';
import type { ProducedResult } from '../../infra/local/simulated-tenant/model/reading-actions.ts';
import type { TenantModel } from '../../infra/local/simulated-tenant/model/tenant-model.ts';
import { createMemoryResultSource, type MemoryResult } from '../../shared/adapters/results/memory-result-source.ts';
import { type EpochMs, minutes } from '../../shared/domain/time.ts';
import type { ResultSource } from '../../shared/ports.ts';
import type { WorldFault } from './faults.ts';

/** Stands in every link, so that any row or log line with one is found. */
export const LINK_SECRET = 'sig=planted-link-secret';

/** What a link does; `sound` is Defender's promise. */
export type LinkFate = 'sound' | 'linkExpired' | 'linkRefused' | 'blobLate' | 'blobTruncated' | 'blobReplaced';

export interface ModelledResults {
  source: ResultSource;
  /** What the storage service gets when it is told to fetch a range. */
  fetchRange(source: { link: string; offset: number; bytes: number }): Promise<Uint8Array>;
  linkTo(result: ProducedResult): string;
  /** What the device handed over. */
  truth(actionId: string, index: number): { bytes: number; sha256: string };
}

export interface ResultsOptions {
  seed: number;
  tenant: TenantModel;
  now(): EpochMs;
  /** Decides how each link goes. */
  fateOf(actionId: string, index: number): LinkFate;
  struck(fault: WorldFault): void;
}

const LINK_LIFE_MS = minutes(30);

/** The results of the tenant's devices: small, never gzip (unpacking would take real time), and the same for a seed. */
export function createModelledResults({ seed, tenant, now, fateOf, struck }: ResultsOptions): ModelledResults {
  const memory = createMemoryResultSource({ allowedHosts: ['.blob.core.windows.net'], loopbackAllowed: false });
  const links = new Map<
    string,
    { name: string; bytes: Uint8Array; expiresAt: EpochMs; opens: number; replacement?: Uint8Array }
  >();
  /** An ETag never comes back: each replacement, and the return of what the device handed over, has one of its own. */
  const versions = new Map<string, number>();
  const shownVersions = new Map<string, number>();
  let made = 0;

  const contentOf = (actionId: string, index: number): Uint8Array => {
    const type = tenant.state.ledger.byId(actionId)?.commands[index]?.type;
    const random = mulberry32(seedFrom(seed, 'result', actionId, index));
    const length = random() < 0.05 ? 0 : Math.floor(40 + 5000 * random() ** 3);
    if (type !== 'RunScript') return noise(length, random);
    return Buffer.from(JSON.stringify({ exit_code: index, script_output: 'x'.repeat(length), script_errors: '' }));
  };

  const shownAs = (fate: LinkFate, bytes: Uint8Array, etag: string, random: () => number): MemoryResult => {
    const sound = { bytes, etag, chunkBytes: 2048 };
    switch (fate) {
      case 'linkRefused':
        return { ...sound, fault: { kind: 'linkRefused' } };
      case 'blobLate':
        return { ...sound, fault: { kind: 'notFound' } };
      case 'blobTruncated': {
        const breaksAt = [Math.floor(random() * bytes.length)];
        const kind = Math.floor(random() * 3);
        if (kind === 0) return { ...sound, breaksAt };
        if (kind === 1) return { bytes, chunkBytes: 512, breaksAt, ranges: false };
        return { ...sound, announcedBytes: bytes.length + 1 };
      }
      case 'blobReplaced':
        return { ...sound, breaksAt: [Math.floor(bytes.length / 2)] };
      case 'sound':
      case 'linkExpired':
        return sound;
    }
  };

  /** All links of a result lead to one object: what it becomes, it becomes behind each of them. */
  const becomes = (name: string, object: MemoryResult): void => {
    for (const [link, known] of links) if (known.name === name) memory.put(link, object);
  };

  /** What the device handed over, with an ETag of its own if it was something else meanwhile. */
  const restore = (name: string, bytes: Uint8Array): string => {
    const version = versions.get(name) ?? 1;
    const etag = `"${name}-${version}"`;
    if (version !== shownVersions.get(name)) becomes(name, { bytes, etag, chunkBytes: 2048 });
    shownVersions.set(name, version);
    return etag;
  };

  /** The object becomes another one once a transfer has begun. One that begins finds the true one: nobody could tell. */
  const replaceOnceBegun = (link: string): void => {
    const known = links.get(link);
    if (!known) return;
    known.opens += 1;
    if (known.opens === 1) restore(known.name, known.bytes);
    if (known.opens !== 2 || !known.replacement) return;
    const version = (versions.get(known.name) ?? 1) + 1;
    versions.set(known.name, version + 1);
    becomes(known.name, { bytes: known.replacement, etag: `"${known.name}-${version}"`, chunkBytes: 2048 });
  };

  return {
    source: {
      open: async (link, options) => {
        const known = links.get(link);
        if (known && known.expiresAt <= now()) return { ok: false, fault: { kind: 'linkRefused' } };
        replaceOnceBegun(link);
        return memory.open(link, options);
      },
    },
    fetchRange: async (wanted) => {
      replaceOnceBegun(wanted.link);
      return memory.fetchRange(wanted);
    },
    linkTo: ({ actionId, index }) => {
      if (index === 'package') throw new Error('Holdfast asks for no packages');
      const fate = fateOf(actionId, index);
      if (fate !== 'sound') struck(fate);
      made += 1;
      const link = `https://results.blob.core.windows.net/r/${actionId}/${index}?${LINK_SECRET}-${made}`;
      const bytes = contentOf(actionId, index);
      const random = mulberry32(seedFrom(seed, 'link', made));
      const name = `${actionId}-${index}`;
      const etag = restore(name, bytes);
      memory.put(link, shownAs(fate, bytes, etag, random));
      const expiresAt = now() + (fate === 'linkExpired' ? random() * 2000 : LINK_LIFE_MS);
      const replacement = noise(bytes.length, random);
      links.set(link, { name, bytes, expiresAt, opens: 0, ...(fate === 'blobReplaced' ? { replacement } : {}) });
      return link;
    },
    truth: (actionId, index) => {
      const bytes = contentOf(actionId, index);
      return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
  };
}

/** Bytes that look like nothing, above all not like gzip. */
function noise(length: number, random: () => number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = Math.floor(random() * 256);
  if (length > 0) bytes[0] = 0x42;
  return bytes;
}
