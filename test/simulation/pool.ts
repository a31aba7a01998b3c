import { usualThreads, workOnThreads } from '../../infra/local/work-on-threads.ts';
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
  const { threads = usualThreads(), told = false, everything = false, onReport } = options;
  const waiting = seeds[Symbol.iterator]();
  let goOn = true;
  const nextOrder = (): SeedOrder | undefined => {
    const next = goOn ? waiting.next() : undefined;
    return next && !next.done ? { seed: next.value, told, everything } : undefined;
  };

  const take = (answer: SeedAnswer): void => {
    if ('broken' in answer) {
      goOn = false;
      throw new Error(`the simulation of seed ${answer.seed} failed: ${answer.broken}`);
    }
    if (onReport(answer.report) === false) goOn = false;
  };
  const script = new URL('./worker.ts', import.meta.url);
  await workOnThreads<SeedOrder, SeedAnswer>({ script, threads, next: nextOrder, take });
}
