import { type Attempt, type CancelReason, type ServedTask, wantsSlotOnly } from '../domain/attempt.ts';
import { holdsSlot } from '../domain/capacity.ts';
import { failureOf } from '../domain/failures/failure-codes.ts';
import { isSameTask, isServed } from '../domain/run-sharing.ts';
import type { Task } from '../domain/task.ts';
import { isInDefender } from '../domain/task-transitions.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import type { OpenWork, Versioned } from '../ports.ts';
import { changeTasks } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { wakePoll } from './wake.ts';

/** Other writers are few; losing so often in a row means something is wrong. */
const MOST_CONFLICTS = 50;

/**
 * Takes a collection that is stopped out of its attempts: where others still want what an attempt brings, it goes on for
 * them alone, and the task here ends; where nobody does, the next poll cancels it in Defender. The attempt's row decides,
 * so that of two who leave at once one sees that it is the last. A crash before the task ended is healed by the next look
 * at the collection: its attempt does not name it any more.
 *
 * @param tasks of the collection, read before this call
 */
export async function leaveRuns(
  deps: Deps,
  collectionId: string,
  tasks: readonly Task[],
  reason: 'requested' | 'expired',
): Promise<void> {
  const work = await deps.work.load(deps.settings.tenantId);
  const mine = work.attempts.filter(({ value }) => holdsSlot(value) && serves(value, collectionId));
  const ends = await Promise.all(mine.map((row) => leaveOne(deps, row, collectionId, reason)));
  deps.checkpoint('leave.afterAttempt');
  const left = [...ends.flatMap(({ left }) => left), ...unnamed(tasks, work, deps.clock.now())];
  const at = deps.clock.now();
  const failure = failureOf(reason === 'requested' ? 'Cancelled' : 'Expired');
  await changeTasks(
    deps,
    collectionId,
    left.map(({ taskId, ...of }) => ({ taskId, event: { type: 'left', at, failure, ...of } })),
  );
  if (ends.some(({ cancelled }) => cancelled)) await wakePoll(deps);
}

const serves = (attempt: Attempt, collectionId: string): boolean =>
  attempt.tasks.some((t) => t.collectionId === collectionId);

interface Left {
  taskId: string;
  attemptId: string;
  lost?: boolean;
}

/** Whoever tells a task that its action is over writes down its results at once; after this it has died in between. */
const LOST_AFTER_MS = minutes(2);

/** Tasks that no row of work names: they left their attempt, and a crash kept them from hearing so. */
function unnamed(tasks: readonly Task[], { attempts, jobs }: OpenWork, now: EpochMs): Left[] {
  const owed = jobs.flatMap(({ value }) => [value.task, ...(value.others ?? [])]);
  return tasks.flatMap((task): Left[] => {
    const { taskId, attemptId, state } = task;
    if (attemptId === undefined) return [];
    const attempt = attempts.find(({ value }) => value.attemptId === attemptId)?.value;
    if (attempt?.tasks.some((served) => isSameTask(served, task))) return [];
    if (isInDefender(state)) return [{ taskId, attemptId }];
    const lost = state === 'archiving' && task.updatedAt + LOST_AFTER_MS <= now;
    return lost && !owed.some((one) => isSameTask(one, task)) ? [{ taskId, attemptId, lost }] : [];
  });
}

const NOTHING: { left: Left[]; cancelled: boolean } = { left: [], cancelled: false };

async function leaveOne(
  deps: Deps,
  row: Versioned<Attempt>,
  collectionId: string,
  reason: CancelReason,
): Promise<{ left: Left[]; cancelled: boolean }> {
  const { tenantId, attemptId } = row.value;
  let current: Versioned<Attempt> | undefined = row;
  for (let round = 0; round < MOST_CONFLICTS; round += 1) {
    if (!current || !holdsSlot(current.value) || !serves(current.value, collectionId)) return NOTHING;
    const { value, etag }: Versioned<Attempt> = current;
    const others = value.tasks.filter((served) => served.collectionId !== collectionId);
    const shared = await anyServed(deps, value, others);
    const leaving = shared ? await notOver(deps, value, collectionId) : [];
    if (shared && leaving.length === 0) return NOTHING;
    const next = shared
      ? { ...value, tasks: value.tasks.filter((served) => !leaving.includes(served)) }
      : cancelledFor(value, reason, deps.clock.now());
    if (!next) return { left: [], cancelled: true };
    if ((await deps.work.commit(tenantId, { attempts: [{ value: next, etag }] })) === 'written')
      return { left: leaving.map(({ taskId }) => ({ taskId, attemptId })), cancelled: !shared };
    current = await deps.work.attempt(tenantId, attemptId);
  }
  throw new Error(`attempt ${attemptId} was changed by others ${MOST_CONFLICTS} times in a row`);
}

/** Its row may name tasks that are over: only the tasks themselves tell. */
async function anyServed(deps: Deps, attempt: Attempt, others: readonly ServedTask[]): Promise<boolean> {
  for (const served of others) {
    const [task] = await deps.collections.tasksById(served.collectionId, [served.taskId]);
    if (task && (isServed(served, attempt, task) || isStored(attempt, task))) return true;
  }
  return false;
}

/** Its part of the action is over and is being stored: what Defender holds of it must not be cancelled. */
const isStored = ({ attemptId }: Attempt, task: Task): boolean =>
  task.state === 'archiving' && task.attemptId === attemptId;

/** A task that knows of the end of its action stays: its result has won the race. */
async function notOver(deps: Deps, attempt: Attempt, collectionId: string): Promise<ServedTask[]> {
  const mine = attempt.tasks.filter((served) => served.collectionId === collectionId);
  const tasks = await deps.collections.tasksById(
    collectionId,
    mine.map(({ taskId }) => taskId),
  );
  return mine.filter(({ taskId }) => tasks.find((task) => task.taskId === taskId)?.state !== 'archiving');
}

/** `undefined`: it is cancelled for good already. */
function cancelledFor(attempt: Attempt, reason: CancelReason, now: EpochMs): Attempt | undefined {
  if (attempt.cancel && !wantsSlotOnly(attempt.cancel.reason)) return undefined;
  return { ...attempt, cancel: { reason, requestedAt: now, tries: 0, nextAt: now } };
}
