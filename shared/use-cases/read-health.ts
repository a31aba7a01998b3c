import type { HealthView } from '../contracts/service-views.ts';
import type { SubmitGuard } from '../domain/attempt.ts';
import { toIso } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import { heartbeats } from './heartbeats.ts';
import { POISON_QUEUES } from './poison-reasons.ts';

/** Whether Holdfast works, for a probe without any right. `undefined`: the state storage cannot be reached. */
export async function readHealth(deps: Deps): Promise<HealthView | undefined> {
  try {
    const [work, beats, poison, canStore] = await Promise.all([
      deps.work.load(deps.settings.tenantId),
      heartbeats(deps),
      Promise.all(POISON_QUEUES.map((queue) => deps.queues.depth(queue))),
      deps.canStore(),
    ]);
    const times = Object.values(beats);
    return {
      status: 'ok',
      version: deps.settings.software.version,
      storage: 'ok',
      evidence: canStore ? 'ok' : 'unavailable',
      defender: defenderState(work.guard.value, deps.clock.now()),
      poison: poison.reduce((sum, n) => sum + n, 0),
      oldestHeartbeat: times.length === 0 ? null : toIso(Math.min(...times)),
    };
  } catch (error) {
    deps.log.error('health.storageUnreachable', { error: String(error) });
    return undefined;
  }
}

/** As last seen by submits: a health probe asks Defender nothing. */
function defenderState(guard: SubmitGuard, now: number): string {
  if (guard.refusals === 0) return 'ok';
  if (guard.pauseReason === 'DefenderUnavailable') return 'unavailable';
  return (guard.pausedUntil ?? 0) > now ? 'throttled' : 'ok';
}
