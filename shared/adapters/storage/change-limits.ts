import type { CollectionChange, WorkChange } from '../../ports.ts';

/**
 * What one atomic change may hold. Tables take 100 rows and 4 MiB a transaction; the rest is our own margin below that,
 * the same for every implementation, so that no test passes on a twin what storage would refuse.
 * @see https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
 */
export const CHANGE_LIMITS = { rows: 100, tasks: 40, events: 50 } as const;

/** A row has at most 1 MiB with strings counted in UTF-16: 524,288 characters. The margin is for keys and columns. */
export const ROW_CHARACTERS = 450_000;

/** A transaction has at most 4 MiB on its way. The margin is for what stands around a hundred rows. */
export const TRANSACTION_CHARACTERS = 3_600_000;

/** Rows of an index are small: a hundred of them fit one transaction, whatever they hold. */
export const INDEX_VALUE_CHARACTERS = 30_000;

/** @throws RangeError when the change cannot be one transaction, or names a task twice */
export function checkCollectionChange(change: CollectionChange): void {
  const { tasks = [], events = [], removedTaskIds = [] } = change;
  atMost(tasks.length, CHANGE_LIMITS.tasks, 'tasks in one change of a collection');
  checkEvents(events);
  atMost(1 + tasks.length + removedTaskIds.length + events.length, CHANGE_LIMITS.rows, 'rows in one change');
  eachOnce([...tasks.map((task) => task.taskId), ...removedTaskIds], 'task');
}

/** @throws RangeError */
export function checkEvents(events: readonly unknown[]): void {
  atMost(events.length, CHANGE_LIMITS.events, 'custody events in one change of a collection');
}

/** @throws RangeError when the change cannot be one transaction, is empty, or names a row twice */
export function checkWorkChange(change: WorkChange): void {
  const { guard, attempts = [], jobs = [], removeAttempts = [], removeJobs = [] } = change;
  const rows = (guard ? 1 : 0) + attempts.length + jobs.length + removeAttempts.length + removeJobs.length;
  atMost(rows, CHANGE_LIMITS.rows, 'rows in one change of open work');
  eachOnce(
    [...attempts, ...removeAttempts].map(({ value }) => value.attemptId),
    'attempt',
  );
  eachOnce(
    [...jobs, ...removeJobs].map(({ value }) => `${value.attemptId} ${value.index}`),
    'result job',
  );
}

/** @throws RangeError when a text of this length does not fit one row */
export function checkRowLength(length: number, what: string): void {
  atMost(length, ROW_CHARACTERS, `characters in one ${what}`);
}

/** @throws RangeError when rows of these lengths do not fit one transaction */
export function checkTransaction(lengths: readonly number[]): void {
  const all = lengths.reduce((sum, length) => sum + length, 0);
  atMost(all, TRANSACTION_CHARACTERS, 'characters in one transaction');
}

/** @throws RangeError when a text of this length is too long for a row of an index */
export function checkIndexLength(length: number): void {
  atMost(length, INDEX_VALUE_CHARACTERS, 'characters in one row of an index');
}

function atMost(count: number, limit: number, what: string): void {
  if (count > limit) throw new RangeError(`${count} ${what}: at most ${limit} fit`);
}

function eachOnce(ids: string[], what: string): void {
  if (new Set(ids).size !== ids.length) throw new RangeError(`one change names the same ${what} twice`);
}
