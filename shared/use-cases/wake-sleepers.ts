import type { TaskChange } from '../domain/collection-changes.ts';
import type { Candidate } from '../domain/dispatch-plan.ts';
import { PARKED, readTaskAgendaKey, tasksAgenda } from '../domain/index-keys.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import { changeTasks } from './change-collection.ts';
import { claimTurn } from './claim-turn.ts';
import type { Deps } from './deps.ts';
import { everyPage, pageFrom } from './every-page.ts';

/** One cheap look at all machines tells which sleepers have been seen; not more often than this. */
const LOOK_EVERY_MS = minutes(2);
const PAGE = 1000;

interface Sleeper {
  machineId: string;
  collectionId: string;
  taskId: string;
  since: EpochMs;
}

/**
 * Tries parked devices at once when Defender shows that they have reported since they were parked.
 *
 * @returns whether it looked: it does so every few minutes, and while any sleep
 */
export async function wakeSleepers(deps: Deps, parked: readonly Candidate[]): Promise<boolean> {
  if (!parked.some((c) => c.asleep) || !(await claimTurn(deps, 'last-machines', LOOK_EVERY_MS))) return false;
  const seenAt = await lastSeen(deps);
  const awake = (await sleepers(deps)).filter((s) => (seenAt.get(s.machineId) ?? 0) > s.since);
  const at = deps.clock.now();
  for (const [collectionId, group] of Map.groupBy(awake, (s) => s.collectionId)) {
    const changes = group.map(
      ({ taskId }): TaskChange => ({ taskId, event: { type: 'woken', at, why: 'machineSeen' } }),
    );
    await changeTasks(deps, collectionId, changes);
  }
  if (awake.length > 0) deps.log.info('sleepers.woken', { count: awake.length });
  return true;
}

async function lastSeen(deps: Deps): Promise<Map<string, EpochMs>> {
  const seen = new Map<string, EpochMs>();
  let page: string | undefined;
  do {
    const reply = await deps.defender.machines(page);
    if (!reply.ok) return seen;
    for (const m of reply.value.value) if (m.lastSeenAt !== undefined) seen.set(m.machineId, m.lastSeenAt);
    page = reply.value.next;
  } while (page !== undefined);
  return seen;
}

async function sleepers(deps: Deps): Promise<Sleeper[]> {
  const partition = tasksAgenda(deps.settings.tenantId);
  const rows = await everyPage((continuation) =>
    deps.index.range(partition, { ...PARKED, ...pageFrom(PAGE, continuation) }),
  );
  return rows.flatMap(({ key, value }) => {
    const task = readTaskAgendaKey(key);
    if (value?.asleep !== 1 || !task) return [];
    const { collectionId, taskId } = task;
    return [{ machineId: String(value.machineId), collectionId, taskId, since: Number(value.since) }];
  });
}
