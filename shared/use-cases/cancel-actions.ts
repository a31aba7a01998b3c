import type { ActionSnapshot } from '../domain/action.ts';
import { observeAction } from '../domain/action-outcome.ts';
import type { Attempt, CancelReason, SubmitGuard } from '../domain/attempt.ts';
import { capacityOf, holdsSlot } from '../domain/capacity.ts';
import { cancelDue, planProbationCancels, withCancelAsked } from '../domain/follow-plan.ts';
import { readAgenda } from './agenda.ts';
import { applySightings } from './apply-sightings.ts';
import { changeAttempt } from './change-attempt.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';

/**
 * Cancels in Defender what must not go on: actions of collections that are being stopped, stuck ones, and sleepers whose
 * slot others wait for. Only what this very tick has seen open is cancelled, and the answer counts as a look: a success
 * that won the race is taken.
 */
export async function cancelActions(deps: Deps, seen: ReadonlyMap<string, ActionSnapshot>): Promise<void> {
  const work = await deps.work.load(deps.settings.tenantId);
  const attempts = work.attempts.map((a) => a.value);
  const now = deps.clock.now();
  const due = attempts.flatMap((attempt) => {
    const reason = cancelDue(attempt, now);
    return reason ? [{ attempt, reason }] : [];
  });
  const sleepers = await probationEnds(deps, attempts, work.guard.value, seen);
  await eachAlone(
    deps,
    'cancel.failed',
    [...due, ...sleepers],
    ({ attempt, reason }) => cancelOne(deps, attempt, reason),
    ({ attempt }) => ({ attemptId: attempt.attemptId }),
  );
}

async function probationEnds(
  deps: Deps,
  attempts: Attempt[],
  guard: SubmitGuard,
  seen: ReadonlyMap<string, ActionSnapshot>,
): Promise<{ attempt: Attempt; reason: CancelReason }[]> {
  const { probationMs, limits } = deps.settings;
  const now = deps.clock.now();
  if (planProbationCancels(attempts, 1, probationMs, now).length === 0) return [];
  const { slots } = capacityOf(attempts, guard, limits, now);
  const held = new Set(attempts.filter(holdsSlot).map((a) => a.machineId));
  const agenda = await readAgenda(deps);
  const waiting = new Set(agenda.due.flatMap((c) => (held.has(c.machineId) ? [] : [c.machineId]))).size;
  // A task that waits for the submit rate alone needs nobody's slot.
  const wanted = slots > 0 ? 0 : Math.min(waiting, limits.submitsPerMinute);
  return planProbationCancels(attempts, wanted, probationMs, now)
    .filter((a) => a.machineActionId !== undefined && seen.get(a.machineActionId)?.status === 'pending')
    .map((attempt) => ({ attempt, reason: 'probation' as const }));
}

async function cancelOne(deps: Deps, attempt: Attempt, reason: CancelReason): Promise<void> {
  const { machineActionId } = attempt;
  if (machineActionId === undefined) return;
  const now = deps.clock.now();
  const asked = await changeAttempt(deps, attempt, (current) =>
    current.state === 'open' ? { ...current, cancel: withCancelAsked(current, reason, now) } : undefined,
  );
  if (asked?.state !== 'open' || !asked.cancel) return;
  if (asked.cancel.tries === 1) await tellCustody(deps, asked, asked.cancel.reason);
  const reply = await deps.defender.cancel(machineActionId, `Holdfast: ${REASONS[asked.cancel.reason]}`);
  deps.checkpoint('cancel.afterDefender');
  if (!reply.ok) {
    deps.log.warn('cancel.failed', { machineActionId, fault: reply.fault.kind });
    return;
  }
  await applySightings(deps, [{ attempt: asked, observation: observeAction(asked, reply.value, deps.clock.now()) }]);
}

const REASONS = {
  probation: 'the device did not answer, others wait for the session',
  requested: 'the collection was cancelled',
  expired: 'the collection has expired',
  stuck: 'the action did not end in time',
} as const satisfies Record<CancelReason, string>;

async function tellCustody(deps: Deps, attempt: Attempt, reason: CancelReason): Promise<void> {
  for (const { collectionId, taskId } of attempt.tasks) {
    await changeCollection(deps, collectionId, [], (collection, _tasks, at) => ({
      collection: { ...collection, updatedAt: at },
      tasks: [],
      entries: [
        {
          at,
          type: 'action.cancelRequested',
          actor: 'holdfast',
          taskId,
          ...(attempt.machineActionId === undefined ? {} : { machineActionId: attempt.machineActionId }),
          data: { attemptId: attempt.attemptId, reason },
        },
      ],
    }));
  }
}
