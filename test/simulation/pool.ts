import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedReport } from './run-seed.ts';
import type { SeedAnswer, SeedOrder } from './worker.ts';

export interface PoolOptions {
  /** Threads; as many as there are cores, at most 8, if unset. */
  threads?: number;
  told?: boolean;
  everything?: boolean;
  /** Called for each seed as it ends, in any order; `false` starts no further seed. */
  onReport(report: SeedReport): boolean | undefined;
}

/** Runs seeds on threads of their own. @throws Error when the simulation itself fails, naming the seed */
export async function runSeeds(seeds: Iterable<number>, options: PoolOptions): Promise<void> {
  const { threads = Math.min(8, availableParallelism()), told = false, everything = false, onReport } = options;
  const waiting = seeds[Symbol.iterator]();
  let goOn = true;
  const nextOrder = (): SeedOrder | undefined => {
    const next = goOn ? waiting.next() : undefined;
    return next && !next.done ? { seed: next.value, told, everything } : undefined;
  };

  const work = (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    return new Promise<void>((resolve, reject) => {
      const order = () => {
        const next = nextOrder();
        if (next) worker.postMessage(next);
        else resolve();
      };
      worker.on('message', (answer: SeedAnswer) => {
        if ('broken' in answer) {
          goOn = false;
          reject(new Error(`the simulation of seed ${answer.seed} failed: ${answer.broken}`));
          return;
        }
        if (onReport(answer.report) === false) goOn = false;
        order();
      });
      worker.on('error', reject);
      order();
    }).finally(() => worker.terminate());
  };
  await Promise.all(Array.from({ length: threads }, work));
}
