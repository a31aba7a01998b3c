import type { ActionSnapshot } from '../domain/action.ts';
import { observeAction } from '../domain/action-outcome.ts';
import type { Attempt, CancelReason } from '../domain/attempt.ts';
import { capacityOf } from '../domain/capacity.ts';
import { demandOf } from '../domain/dispatch-plan.ts';
import { cancelDue, cancelInForce, planProbationCancels, planYields, withCancelAsked } from '../domain/follow-plan.ts';
import type { Lessons } from '../domain/schedule/lessons.ts';
import { probationOf } from '../domain/schedule/probation.ts';
import type { OpenWork } from '../ports.ts';
import { readAgenda } from './agenda.ts';
import { applySightings } from './apply-sightings.ts';
import { changeAttempt } from './change-attempt.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';

/**
 * Cancels in Defender what must not go on: actions of collections that are being stopped, stuck ones, and those whose
 * slot others wait for. Only what this very tick has seen open is cancelled, and the answer counts as a look: a success
 * that won the race is taken.
 */
export async function cancelActions(
  deps: Deps,
  seen: ReadonlyMap<string, ActionSnapshot>,
  lessons: Lessons,
): Promise<void> {
  const work = await deps.work.load(deps.settings.tenantId);
  const attempts = work.attempts.map((a) => a.value);
  const now = deps.clock.now();
  const due = attempts.flatMap((attempt) => {
    const reason = cancelDue(attempt, now);
    return reason ? [{ attempt, reason }] : [];
  });
  const probation = (attempt: Attempt) => probationOf(attempt, lessons, deps.settings.probationMs);
  const inTheWay = await slotsToFree(deps, work, seen, probation);
  await eachAlone(
    deps,
    'cancel.failed',
    [...due, ...inTheWay],
    ({ attempt, reason }) => cancelOne(deps, attempt, reason),
    ({ attempt }) => ({ attemptId: attempt.attemptId }),
  );
}

/** Slots that others wait for: of sleepers past their probation and, for urgent tasks, of the youngest in bulk. */
async function slotsToFree(
  deps: Deps,
  work: OpenWork,
  seen: ReadonlyMap<string, ActionSnapshot>,
  probation: (attempt: Attempt) => number,
): Promise<{ attempt: Attempt; reason: CancelReason }[]> {
  const now = deps.clock.now();
  const attempts = work.attempts.map((a) => a.value);
  const pends = (a: Attempt) => a.machineActionId !== undefined && seen.get(a.machineActionId)?.status === 'pending';
  const pending = attempts.filter((a) => cancelInForce(a) !== undefined || pends(a));
  if (
    planProbationCancels(pending, pending.length, probation, now).length +
      planYields(pending, pending.length).length ===
    0
  )
    return [];
  const agenda = await readAgenda(deps);
  const demand = demandOf(agenda.due, attempts, capacityOf(attempts, work.guard.value, deps.settings.limits, now), now);
  const sleepers = planProbationCancels(pending, demand.tasks, probation, now);
  const yields = planYields(
    pending.filter((a) => !sleepers.includes(a)),
    demand.urgent - sleepers.length,
  );
  return [
    ...sleepers.map((attempt) => ({ attempt, reason: 'probation' as const })),
    ...yields.map((attempt) => ({ attempt, reason: 'yielded' as const })),
  ];
}

async function cancelOne(deps: Deps, attempt: Attempt, reason: CancelReason): Promise<void> {
  const { machineActionId } = attempt;
  if (machineActionId === undefined) return;
  const now = deps.clock.now();
  const asked = await changeAttempt(deps, attempt, (current) =>
    current.state === 'open' ? { ...current, cancel: withCancelAsked(current, reason, now) } : undefined,
  );
  if (asked?.state !== 'open' || !asked.cancel) return;
  if (asked.cancel.tries === 1) await tellCustody(deps, asked, machineActionId, asked.cancel.reason);
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
  yielded: 'an urgent request needs the session',
  requested: 'the collection was cancelled',
  expired: 'the collection has expired',
  stuck: 'the action did not end in time',
} as const satisfies Record<CancelReason, string>;

async function tellCustody(
  deps: Deps,
  { attemptId, tasks }: Attempt,
  machineActionId: string,
  reason: CancelReason,
): Promise<void> {
  for (const { collectionId, taskId } of tasks) {
    await changeCollection(deps, collectionId, [], (collection, _tasks, at) => ({
      collection: { ...collection, updatedAt: at },
      tasks: [],
      entries: [
        {
          at,
          type: 'action.cancelRequested',
          actor: 'holdfast',
          taskId,
          machineActionId,
          data: { attemptId, reason },
        },
      ],
    }));
  }
}
