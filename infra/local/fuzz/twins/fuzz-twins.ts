import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
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
  const { requests, seed, threads = Math.min(8, availableParallelism()), onProgress = () => undefined } = options;
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

  await Promise.all(Array.from({ length: threads }, () => work(nextOrder, add)));
  return report;
}

function work(nextOrder: () => BatchOrder | undefined, add: (batch: BatchReport) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  return new Promise<void>((resolve, reject) => {
    const order = () => {
      const next = nextOrder();
      if (next) worker.postMessage(next);
      else resolve();
    };
    worker.on('message', (batch: BatchReport) => {
      add(batch);
      order();
    });
    worker.on('error', reject);
    order();
  }).finally(() => worker.terminate());
}
