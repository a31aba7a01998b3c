import { usualThreads, workOnThreads } from '../../work-on-threads.ts';
import type { FuzzReport } from '../fuzz-http.ts';
import type { BatchOrder, BatchReport } from './worker.ts';

export interface TwinFuzzOptions {
  requests: number;
  /** Batch n has the seed `seed + n`, so that one batch can be seen again by itself. */
  seed: number;
  /** As many as there are cores, at most 8, if unset. */
  threads?: number;
  onProgress?: (done: number) => void;
}

export const BATCH = 1000;
/** After so many faults there is enough to put right. */
const MOST_FAULTS = 20;

/**
 * Sends generated requests and messages through the real functions on in-memory twins and judges what each leaves
 * behind, on threads of their own.
 */
export async function fuzzTwins(options: TwinFuzzOptions): Promise<FuzzReport> {
  const { requests, seed, threads = usualThreads(), onProgress = () => undefined } = options;
  const report: FuzzReport = { statuses: {}, faults: [] };
  let [ordered, done] = [0, 0];
  const nextOrder = (): BatchOrder | undefined => {
    if (ordered >= requests || report.faults.length >= MOST_FAULTS) return undefined;
    const order = { seed: seed + ordered / BATCH, requests: Math.min(BATCH, requests - ordered) };
    ordered += BATCH;
    return order;
  };
  const add = (batch: BatchReport): void => {
    done += batch.requests;
    for (const [outcome, count] of Object.entries(batch.outcomes))
      report.statuses[outcome] = (report.statuses[outcome] ?? 0) + count;
    report.faults.push(...batch.faults.map((f) => `seed ${batch.seed}, ${batch.requests} requests: ${f}`));
    onProgress(done);
  };

  const script = new URL('./worker.ts', import.meta.url);
  await workOnThreads<BatchOrder, BatchReport>({ script, threads, next: nextOrder, take: add });
  return report;
}
