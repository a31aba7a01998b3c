import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** As many as there are cores, within reason. */
export const usualThreads = (): number => Math.min(8, availableParallelism());

export interface ThreadWork<Order, Answer> {
  /** What each thread runs: it answers every order that it gets with one message. */
  script: URL;
  threads: number;
  /** `undefined`: there is no further order. */
  next(): Order | undefined;
  /** Called for each answer, in any order. What it throws ends the work. */
  take(answer: Answer): void;
}

/** Works orders off on threads of their own, each one order at a time. @throws what a thread, or `take`, threw */
export async function workOnThreads<Order, Answer>(work: ThreadWork<Order, Answer>): Promise<void> {
  await Promise.all(Array.from({ length: work.threads }, () => workOnOne(work)));
}

function workOnOne<Order, Answer>({ script, next, take }: ThreadWork<Order, Answer>): Promise<void> {
  const worker = new Worker(script);
  return new Promise<void>((resolve, reject) => {
    const order = () => {
      const wanted = next();
      if (wanted === undefined) resolve();
      else worker.postMessage(wanted);
    };
    worker.on('message', (answer: Answer) => {
      try {
        take(answer);
        order();
      } catch (error) {
        reject(error);
      }
    });
    worker.on('error', reject);
    order();
  }).finally(() => worker.terminate());
}
