import type { ActionSnapshot } from '../domain/action.ts';
import type { Attempt } from '../domain/attempt.ts';
import { isActionOf } from '../domain/attempt-token.ts';
import { absenceProven } from '../domain/follow-plan.ts';
import { PATIENCE } from '../domain/limits.ts';
import { afterFault, neverSent } from '../domain/submit-outcome.ts';
import { changeAttempt } from './change-attempt.ts';
import { changeHeader } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';
import { giveBack } from './save-intents.ts';
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

async function neverHappened(deps: Deps, attempt: Attempt): Promise<void> {
  deps.log.info('attempt.neverHappened', { attemptId: attempt.attemptId, machineId: attempt.machineId });
  const [ref] = attempt.tasks;
  const [task] = ref ? await deps.collections.tasksById(ref.collectionId, [ref.taskId]) : [];
  // Its task turned out to be the same device as another and was removed before it was marked: nothing was sent.
  if (!ref || !task) return giveBack(deps, [attempt]);
  if (task.attemptId !== attempt.attemptId) await fenceOff(deps, ref.collectionId);
  // Without an answer it was a crash of ours, perhaps before the call was made: no fault of Defender's.
  const crashed = attempt.repliedAt === undefined;
  await close(deps, { attempt, task }, crashed ? neverSent : afterFault(task, deps.clock.now(), deps.random()));
}

/**
 * The task does not know of the attempt yet: its sender was held up between the two rows. The header is written as it is,
 * so that the sender, if it goes on, meets a conflict and sees that its intent is stale.
 */
async function fenceOff(deps: Deps, collectionId: string): Promise<void> {
  await changeHeader(deps, collectionId, (collection) => ({ collection }));
}
