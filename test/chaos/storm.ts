import { setTimeout as pause } from 'node:timers/promises';
import type { Caller } from './caller.ts';
import type { Planned } from './plan.ts';
import type { StormRequest } from './requests.ts';
import { type Struck, strike } from './strike.ts';

/** What has happened so far; read while it goes on. */
export interface StormProgress {
  /** How many blows of each kind are over. */
  blows: Map<string, number>;
  accepted: { request: StormRequest; collectionId: string }[];
}

export const newProgress = (): StormProgress => ({ blows: new Map(), accepted: [] });

/** Strikes as planned while callers ask. Resolves when every blow is over and every request is accepted. */
export async function rage(
  system: Struck,
  plan: readonly Planned[],
  requests: readonly StormRequest[],
  caller: Caller,
  progress: StormProgress,
): Promise<void> {
  const startedAt = Date.now();
  const until = (atMs: number) => pause(Math.max(0, startedAt + atMs - Date.now()));
  // one at a time: what is stopped cannot be frozen
  let storageIsFree: Promise<void> = Promise.resolve();
  const blow = async (planned: Planned): Promise<void> => {
    await until(planned.atMs);
    const struck = () => strike(system, planned);
    if (planned.kind === 'stopStorage' || planned.kind === 'freezeStorage') {
      storageIsFree = storageIsFree.then(struck);
      await storageIsFree;
    } else await struck();
    progress.blows.set(planned.kind, (progress.blows.get(planned.kind) ?? 0) + 1);
  };
  const ask = async (request: StormRequest): Promise<void> => {
    await until(request.atMs);
    const collectionId = await caller.ask(request.body);
    progress.accepted.push({ request, collectionId });
    if (request.cancelsAfterMs === undefined) return;
    await pause(request.cancelsAfterMs);
    await caller.cancel(collectionId);
  };
  await Promise.all([...plan.map(blow), ...requests.map(ask)]);
}
