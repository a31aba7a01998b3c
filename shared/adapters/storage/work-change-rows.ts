import type { Attempt, ResultJob, SubmitGuard } from '../../domain/attempt.ts';
import type { Versioned, WorkChange } from '../../ports.ts';
import { checkWorkChange } from './change-limits.ts';
import { attemptRow, GUARD_ROW, jobRow, NOT_STORED, type WorkRowRemoval, type WorkRowWrite } from './work-rows.ts';

/**
 * A change of open work as rows to write and rows to remove, the guard first.
 * @throws RangeError when it cannot be one transaction
 */
export function workChangeRows(change: WorkChange): { writes: WorkRowWrite[]; removals: WorkRowRemoval[] } {
  checkWorkChange(change);
  const { guard, attempts = [], jobs = [], removeAttempts = [], removeJobs = [] } = change;
  return {
    writes: [
      ...(guard ? [write(GUARD_ROW, guard)] : []),
      ...attempts.map((attempt) => write(attemptRow(attempt.value.attemptId), attempt)),
      ...jobs.map((job) => write(jobRow(job.value), job)),
    ],
    removals: [
      ...removeAttempts.map(({ value, etag }) => ({ key: attemptRow(value.attemptId), etag })),
      ...removeJobs.map(({ value, etag }) => ({ key: jobRow(value), etag })),
    ],
  };
}

type Row<T> = Versioned<T> | { value: T };

function write(key: string, row: Row<SubmitGuard | Attempt | ResultJob>): WorkRowWrite {
  return 'etag' in row && row.etag !== NOT_STORED
    ? { key, value: row.value, etag: row.etag }
    : { key, value: row.value };
}
