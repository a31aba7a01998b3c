import type { ActionSnapshot } from '../domain/action.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { FollowPlan } from '../domain/follow-plan.ts';
import { PATIENCE } from '../domain/limits.ts';
import type { DefenderFault } from '../ports.ts';
import { abandonGone } from './abandon-gone.ts';
import { changeAttempt } from './change-attempt.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';

/** More ids would make the address too long for some proxies. */
const IDS_PER_CALL = 100;

/**
 * What Defender shows of these actions now, by id: by list, and one by one for those the list has not shown for a while.
 *
 * @returns `refusedMs`: a list call was not answered, and is worth another try no sooner than in so long; 0: that is unknown
 */
export async function readActions(
  deps: Deps,
  plan: FollowPlan,
  otherIds: string[],
): Promise<{ seen: Map<string, ActionSnapshot>; refusedMs?: number }> {
  const ids = [...new Set([...plan.list.flatMap((a) => a.machineActionId ?? []), ...otherIds])];
  const seen = new Map<string, ActionSnapshot>();
  let refusedMs: number | undefined;
  for (let start = 0; start < ids.length; start += IDS_PER_CALL) {
    const fault = await readList(deps, ids.slice(start, start + IDS_PER_CALL), seen);
    if (fault) refusedMs = Math.max(refusedMs ?? 0, ('retryAfterMs' in fault && fault.retryAfterMs) || 0);
  }
  await eachAlone(
    deps,
    'poll.actionFailed',
    plan.single,
    async (attempt) => {
      const { machineActionId } = attempt;
      if (machineActionId !== undefined && !seen.has(machineActionId))
        await readOne(deps, attempt, machineActionId, seen);
    },
    ({ attemptId }) => ({ attemptId }),
  );
  return { seen, ...(refusedMs === undefined ? {} : { refusedMs }) };
}

async function readList(
  deps: Deps,
  ids: string[],
  seen: Map<string, ActionSnapshot>,
): Promise<DefenderFault | undefined> {
  let page: string | undefined;
  do {
    const reply = await deps.defender.listActions({ ids }, page);
    if (!reply.ok) {
      deps.log.warn('poll.failed', { fault: reply.fault.kind });
      return reply.fault;
    }
    for (const action of reply.value.value) seen.set(action.machineActionId, action);
    page = reply.value.next;
  } while (page !== undefined);
  return undefined;
}

async function readOne(
  deps: Deps,
  attempt: Attempt,
  machineActionId: string,
  seen: Map<string, ActionSnapshot>,
): Promise<void> {
  const reply = await deps.defender.action(machineActionId);
  const now = deps.clock.now();
  if (reply.ok) seen.set(machineActionId, reply.value);
  const missing = !reply.ok && reply.fault.kind === 'notFound';
  const after = await changeAttempt(deps, attempt, ({ missingSince, ...current }) => ({
    ...current,
    soughtAt: now,
    ...(missing ? { missingSince: missingSince ?? now } : {}),
  }));
  const gone = after?.missingSince !== undefined && after.missingSince + PATIENCE.goneMs <= now;
  if (after && gone) await abandonGone(deps, after);
}
