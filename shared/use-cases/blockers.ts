import type { ActionSnapshot } from '../domain/action.ts';
import type { TaskRef } from '../domain/attempt.ts';
import { changeTasks } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';

/** Actions of others that keep devices busy, and the parked tasks that wait for their end. */
type Watched = Record<string, TaskRef[]>;

const REGISTER = 'blockers';
/** One list call more at most; tasks beyond are tried again at their own times. */
const MOST_WATCHED = 100;
const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timeOut', 'cancelled']);

export interface BlockerWatch {
  actionIds: string[];
  /** Lets tasks go whose blocker was seen to have ended. */
  release(seen: ReadonlyMap<string, ActionSnapshot>): Promise<void>;
}

export async function watchBlockers(deps: Deps): Promise<BlockerWatch> {
  const row = await deps.registers.read<Watched>(deps.settings.tenantId, REGISTER);
  const watched = row?.value ?? {};
  return {
    actionIds: Object.keys(watched),
    async release(seen) {
      const ended = Object.keys(watched).filter((id) => FINAL.has(seen.get(id)?.status ?? ''));
      if (ended.length === 0) return;
      const waiting = ended.flatMap((id) => watched[id] ?? []);
      await eachAlone(
        deps,
        'blocker.releaseFailed',
        waiting,
        (ref) => letGo(deps, ref),
        (ref) => ({ ...ref }),
      );
      const rest = Object.fromEntries(Object.entries(watched).filter(([id]) => !ended.includes(id)));
      // Lost to another writer: the rows are let go again by the next poll, which changes nothing.
      await deps.registers.write(deps.settings.tenantId, REGISTER, rest, row?.etag);
    },
  };
}

/** A lost write costs only the early try: the task has its own time to try again. */
export async function watchBlocker(deps: Deps, machineActionId: string, task: TaskRef): Promise<void> {
  const row = await deps.registers.read<Watched>(deps.settings.tenantId, REGISTER);
  const watched = row?.value ?? {};
  const known = watched[machineActionId] ?? [];
  if (known.some((t) => t.taskId === task.taskId)) return;
  if (!(machineActionId in watched) && Object.keys(watched).length >= MOST_WATCHED) return;
  const next = { ...watched, [machineActionId]: [...known, task] };
  await deps.registers.write(deps.settings.tenantId, REGISTER, next, row?.etag);
}

async function letGo(deps: Deps, { collectionId, taskId }: TaskRef): Promise<void> {
  await changeTasks(deps, collectionId, [
    { taskId, event: { type: 'woken', at: deps.clock.now(), why: 'blockerEnded' } },
  ]);
}
