import { createHash } from 'node:crypto';
import {
  createMemoryResultSource,
  type MemoryResult,
} from '../../../../shared/adapters/results/memory-result-source.ts';
import { createMemoryEvidence } from '../../../../shared/adapters/storage/memory-evidence.ts';
import type { HoldResultTry } from '../../../../shared/use-cases/hold-result/held-result.ts';
import { holdResult } from '../../../../shared/use-cases/hold-result/hold-result.ts';

export const LINK = 'https://tenant.blob.core.windows.net/results/one?sig=secret';
export const BLOB = 'INC-1/collection/device/00-GetFile-out.zip';

/** Small blocks keep the tests fast; nothing else depends on their size. */
export const BLOCK = 64 * 1024;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that do not repeat and are the same in every run. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** A store and a source in memory, and one job between them. */
export function archive(result?: MemoryResult) {
  const source = createMemoryResultSource({ allowedHosts: ['.blob.core.windows.net'], loopbackAllowed: false });
  const evidence = createMemoryEvidence({ fetchRange: source.fetchRange });
  const logged: string[] = [];
  const write = (event: string, fields?: Record<string, unknown>) => logged.push(`${event} ${JSON.stringify(fields)}`);
  const log = { info: write, warn: write, error: write };
  let now = 1_000;
  const deps = { source, evidence, log, clock: { now: () => now } };
  if (result) source.put(LINK, result);
  return {
    ...deps,
    logged,
    advance: (ms: number) => {
      now += ms;
    },
    hold: (job: Partial<HoldResultTry> = {}, evidenceInstead = evidence) =>
      holdResult(
        { ...deps, evidence: evidenceInstead },
        {
          blobName: BLOB,
          link: LINK,
          commandType: 'GetFile',
          metadata: { attemptid: 'a1' },
          blockBytes: BLOCK,
          ...job,
        },
      ),
    stored: async (): Promise<Uint8Array> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of await evidence.read(BLOB)) pieces.push(piece);
      return Buffer.concat(pieces);
    },
  };
}
