import type { ActionSnapshot } from '../domain/action.ts';
import type { Attempt } from '../domain/attempt.ts';
import { isActionOf } from '../domain/attempt-token.ts';
import { absenceProven } from '../domain/follow-plan.ts';
import { PATIENCE } from '../domain/limits.ts';
import { afterFault, neverSent } from '../domain/submit-outcome.ts';
import { changeAttempt } from './change-attempt.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';
import { close, onAccepted } from './submit-intents.ts';

/**
 * Heals submits whose answer was lost, by a crash or on the wire: the action that carries the attempt's token is adopted,
 * never submitted again. "There is none" is believed only once lists have had time to show it.
 */
export async function adoptActions(deps: Deps, attempts: Attempt[]): Promise<void> {
  await eachAlone(
    deps,
    'adopt.failed',
    attempts,
    (attempt) => adoptOne(deps, attempt),
    ({ attemptId }) => ({ attemptId }),
  );
}

async function adoptOne(deps: Deps, attempt: Attempt): Promise<void> {
  const askedAt = deps.clock.now();
  let page: string | undefined;
  do {
    const reply = await deps.defender.listActions({ machineId: attempt.machineId }, page);
    if (!reply.ok) return;
    const action = reply.value.value.find((a) => isActionOf(attempt, a));
    if (action) return onAccepted(deps, { attempt }, action, true);
    page = reply.value.value.some((a) => isLongBefore(attempt, a)) ? undefined : reply.value.next;
  } while (page !== undefined);
  if (absenceProven(attempt, askedAt)) return neverHappened(deps, attempt);
  await changeAttempt(deps, attempt, (current) => ({ ...current, soughtAt: askedAt }));
}

/** The list is newest first: what follows is of earlier attempts, and on a busy device there are many. */
const isLongBefore = (attempt: Attempt, { createdAt }: ActionSnapshot): boolean =>
  createdAt !== undefined && createdAt + PATIENCE.clocksApartMs < attempt.intentAt;

/**
 * A task that does not know of the attempt yet hears of it now, and goes back at once: its sender was held up between the
 * two rows, and if it goes on, it meets a conflict and sees that this wait is over.
 */
async function neverHappened(deps: Deps, attempt: Attempt): Promise<void> {
  deps.log.info('attempt.neverHappened', { attemptId: attempt.attemptId, machineId: attempt.machineId });
  // Without an answer it was a crash of ours, perhaps before the call was made: no fault of Defender's.
  const crashed = attempt.repliedAt === undefined;
  const chance = deps.random();
  await close(deps, attempt, (task, now) => (crashed ? neverSent : afterFault(task, now, chance)));
}
