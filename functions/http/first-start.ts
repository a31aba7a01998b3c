import type { Priority } from '../../shared/domain/request/collection-request.ts';
import type { EpochMs } from '../../shared/domain/time.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';
import { newcomerStartAt } from '../../shared/use-cases/queue-snapshot.ts';

/** The request lies in storage: its answer is not held back for a slow look at the queue, which serves the next caller. */
const PATIENCE_MS = 500;

/** When the first task of a request that was just accepted may start, as far as is known in half a second. */
export function firstStart(deps: Deps, priority: Priority): Promise<EpochMs | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, undefined).unref();
  });
  return Promise.race([newcomerStartAt(deps, priority), late]);
}
