import type { ProducedResult } from '../../infra/local/simulated-tenant/model/reading-actions.ts';
import {
  createMemoryResultSource,
  type MemoryResult,
  type MemoryResultSource,
} from '../../shared/adapters/results/memory-result-source.ts';
import { minutes, toIso } from '../../shared/domain/time.ts';
import type { Clock, ResultSource } from '../../shared/ports.ts';

/** What a test changes about one result; `host` is where its link points. */
export type ResultChange = Partial<MemoryResult> & { host?: string };

export interface TenantResults {
  source: ResultSource;
  /** Offsets asked for, in order, by link. */
  opened: MemoryResultSource['opened'];
  /** A fresh link to what a device has handed over; it expires as Defender's do. */
  linkTo(result: ProducedResult): string;
  /** Decides about every link that is made from now on; `link` counts from 1 for each result. */
  change(decide: (result: ProducedResult, link: number) => ResultChange | undefined): void;
}

const HOST = 'results.blob.core.windows.net';
const LINK_LIFE_MS = minutes(30);

/** The tenant's results behind links, in memory. */
export function createTenantResults(clock: Clock): TenantResults {
  const memory = createMemoryResultSource({ allowedHosts: ['.blob.core.windows.net'], loopbackAllowed: false });
  const links = new Map<string, number>();
  let decide: (result: ProducedResult, link: number) => ResultChange | undefined = () => undefined;

  const isExpired = (link: string): boolean => Date.parse(new URL(link).searchParams.get('se') ?? '') <= clock.now();

  return {
    opened: memory.opened,
    source: {
      open: async (link, options) => {
        if (!isExpired(link)) return memory.open(link, options);
        memory.opened.push({ link, from: options?.from ?? 0 });
        return { ok: false, fault: { kind: 'linkRefused' } };
      },
    },
    linkTo: (result) => {
      const name = `${result.actionId}/${result.index}`;
      const count = (links.get(name) ?? 0) + 1;
      links.set(name, count);
      const { host = HOST, ...change } = decide(result, count) ?? {};
      const expiry = encodeURIComponent(toIso(clock.now() + LINK_LIFE_MS));
      const link = `https://${host}/results/${name}?se=${expiry}&sp=r&sig=simulated-${count}`;
      const bytes = Buffer.concat([...result.content.chunks()]);
      memory.put(link, { bytes, etag: `"${name}"`, ...change });
      return link;
    },
    change: (decided) => {
      decide = decided;
    },
  };
}
