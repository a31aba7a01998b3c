import type { ActionSnapshot } from '../domain/action.ts';
import type { Attempt } from '../domain/attempt.ts';
import { isActionOf } from '../domain/attempt-token.ts';
import { holdsPermit, holdsSlot } from '../domain/capacity.ts';
import { PATIENCE } from '../domain/limits.ts';
import { lastSession } from '../domain/session-limit.ts';
import {
  afterFault,
  busy,
  guardAfterAnswer,
  guardAfterFault,
  guardAfterRefusal,
  neverSent,
  reasonOfRefusal,
  refusedForNow,
  refusedTogether,
  type SubmitRefusal,
} from '../domain/submit-outcome.ts';
import type { Task } from '../domain/task.ts';
import type { TaskEvent } from '../domain/task-events.ts';
import type { EpochMs } from '../domain/time.ts';
import type { DefenderFault, OpenWork } from '../ports.ts';
import { watchBlocker } from './blockers.ts';
import { changeAttempt, changeGuard } from './change-attempt.ts';
import type { Deps } from './deps.ts';
import { explainRefusal } from './explain-refusal.ts';
import { findBlocker } from './find-blocker.ts';
import { giveBack, type Intent } from './save-intents.ts';
import { endAttempt, eventsOfRefusal, tellTasks } from './tell-tasks.ts';

/**
 * Makes the calls that cannot be undone, side by side, each recorded the moment its answer is known. A lost answer
 * leaves the attempt as it is: the next poll finds its action by the token, or proves that there is none.
 *
 * @returns how many calls were made
 */
export async function submitIntents(deps: Deps, intents: Intent[]): Promise<number> {
  const sent = await Promise.all(intents.map((intent) => submitOne(deps, intent)));
  return sent.filter(Boolean).length;
}

async function submitOne(deps: Deps, intent: Intent): Promise<boolean> {
  const { attempt } = intent;
  deps.checkpoint('dispatch.beforeSubmit');
  if (deps.clock.now() > attempt.intentAt + PATIENCE.intentFreshMs) {
    await giveBack(deps, attempt);
    return false;
  }
  const { machineId, commands, comment } = attempt;
  const reply = await deps.defender.submit({ machineId, commands, comment });
  deps.checkpoint('dispatch.afterSubmit');
  if (!reply.ok) await onFault(deps, intent, reply.fault);
  else if (isActionOf(attempt, reply.value)) await onAccepted(deps, intent, reply.value, false);
  else await onBusy(deps, intent, reply.value.machineActionId);
  return true;
}

/** Defender has an action of this attempt: learned from the reply, or found by its token. */
export async function onAccepted(
  deps: Deps,
  { attempt }: Pick<Intent, 'attempt'>,
  action: ActionSnapshot,
  adopted: boolean,
): Promise<void> {
  const now = deps.clock.now();
  const { machineActionId, computerDnsName } = action;
  const open = await changeAttempt(deps, attempt, (current) =>
    current.state === 'submitting'
      ? {
          ...current,
          state: 'open',
          machineActionId,
          repliedAt: current.repliedAt ?? now,
          shownAt: now,
          ...(computerDnsName ? { computerDnsName } : {}),
        }
      : undefined,
  );
  deps.checkpoint('dispatch.afterActionId');
  const submitted: TaskEvent = {
    type: 'submitted',
    at: now,
    attemptId: attempt.attemptId,
    machineActionId,
    adopted,
    ...(computerDnsName ? { computerDnsName } : {}),
  };
  await tellTasks(deps, open ?? attempt, () => [submitted]);
  await changeGuard(deps, (guard) => guardAfterAnswer(guard, now));
  deps.log.info(adopted ? 'action.adopted' : 'action.submitted', { attemptId: attempt.attemptId, machineActionId });
}

/** What Defender has opened, as far as is known. */
const hasSession = (attempt: Attempt): boolean => holdsSlot(attempt) && attempt.machineActionId !== undefined;

async function onFault(deps: Deps, intent: Intent, fault: DefenderFault): Promise<void> {
  const { attempt } = intent;
  deps.log.warn('submit.refused', { attemptId: attempt.attemptId, machineId: attempt.machineId, fault: fault.kind });
  switch (fault.kind) {
    case 'rateLimited':
      return onRateLimited(deps, intent, fault.retryAfterMs);
    case 'machineBusy':
      return onBusy(deps, intent, undefined);
    // a 404 is of the device, or of a file of the library
    case 'notFound':
    case 'refused': {
      if (attempt.behind && fault.kind === 'refused' && fault.httpStatus === 400)
        return close(deps, attempt, () => refusedTogether);
      const failure = explainRefusal(fault);
      return close(deps, attempt, () => ({ kind: 'failed', failure }));
    }
    case 'budgetSpent':
      return close(deps, attempt, () => neverSent);
    case 'unavailable':
      return onUnavailable(deps, intent, fault);
  }
}

async function onRateLimited(deps: Deps, intent: Intent, retryAfterMs: number | undefined): Promise<void> {
  const { settings } = deps;
  const now = deps.clock.now();
  const work: OpenWork = await deps.work.load(settings.tenantId);
  const attempts = work.attempts.map((a) => a.value);
  const accepted = attempts.filter((a) => a.machineActionId !== undefined && holdsPermit(a, now)).length;
  const reason = reasonOfRefusal(accepted, settings.limits);
  const slotsInUse = attempts.filter(hasSession).length;
  const chance = deps.random();
  await changeGuard(deps, (guard) => {
    const after = guardAfterRefusal(guard, reason, {
      slotsInUse,
      now,
      chance,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    return reason === 'NoSlot' ? lastSession(after, slotsInUse, settings.limits, now) : after;
  });
  await close(deps, intent.attempt, () => refusedForNow(reason));
}

/** Busy, unless it is our own action after all: two quick posts can be answered with one action. */
async function onBusy(deps: Deps, intent: Intent, shownActionId: string | undefined): Promise<void> {
  const found = await findBlocker(deps, intent.attempt);
  if (found.kind === 'ours') return onAccepted(deps, intent, found.action, true);
  const blocker = found.kind === 'other' ? found.machineActionId : shownActionId;
  await changeGuard(deps, (guard) => guardAfterAnswer(guard, deps.clock.now()));
  const chance = deps.random();
  await close(deps, intent.attempt, (task, now) => busy(task, blocker, now, chance));
  if (blocker !== undefined) for (const task of intent.tasks) await watchBlocker(deps, blocker, task);
}

async function onUnavailable(
  deps: Deps,
  intent: Intent,
  fault: Extract<DefenderFault, { kind: 'unavailable' }>,
): Promise<void> {
  const now = deps.clock.now();
  const chance = deps.random();
  await changeGuard(deps, (guard) => guardAfterFault(guard, now, chance));
  if (!fault.reached) return close(deps, intent.attempt, (task, at) => afterFault(task, at, chance));
  // The action may exist. The attempt stays, its permit counted from now, until a poll has found or disproved it.
  const erred = fault.httpStatus === undefined ? {} : { erredAt: now };
  await changeAttempt(deps, intent.attempt, (current) => ({ ...current, repliedAt: now, ...erred }));
}

/** The tasks go back or end, each by its own story, then the attempt is closed; its permit stays taken until it leaves Defender's window. */
export async function close(
  deps: Deps,
  attempt: Attempt,
  refusalOf: (task: Task, at: EpochMs) => SubmitRefusal,
): Promise<void> {
  const now = deps.clock.now();
  const closed = (current: Attempt): Attempt => ({
    ...current,
    state: 'closed',
    repliedAt: current.repliedAt ?? now,
    closedAt: now,
  });
  await endAttempt(deps, attempt, {
    eventsOf: eventsOfRefusal(attempt, refusalOf),
    end: ({ value, etag }) => ({ attempts: [{ value: closed(value), etag }] }),
  });
}
