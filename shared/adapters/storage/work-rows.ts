import type { Attempt, ResultJob, SubmitGuard } from '../../domain/attempt.ts';
import type { Versioned } from '../../ports.ts';
import { rowKey } from './row-keys.ts';

/**
 * Row keys of a tenant's open work. The guard sorts first on purpose: a load of several pages is no snapshot, and a guard
 * read before the attempts can only be too old (its write then conflicts), never newer than the attempts it vouches for.
 */
export const GUARD_ROW = '_guard';
export const ATTEMPT_ROWS = 'a|';
export const JOB_ROWS = 'j|';

export const attemptRow = (attemptId: string): string => rowKey(`${ATTEMPT_ROWS}${attemptId}`, 'attempt id');
/** `index` in two digits, so that jobs of an attempt sort in the order of its commands. */
export const jobRow = ({ attemptId, index }: Pick<ResultJob, 'attemptId' | 'index'>): string =>
  rowKey(`${JOB_ROWS}${attemptId}|${String(index).padStart(2, '0')}`, 'attempt id');

/** An etag that no stored row has: the write is an insert. */
export const NOT_STORED = '';

/** The guard of a tenant never seen. */
export const firstGuard = (tenantId: string): Versioned<SubmitGuard> => ({
  value: { tenantId, refusals: 0 },
  etag: NOT_STORED,
});

export interface WorkRowWrite {
  key: string;
  value: SubmitGuard | Attempt | ResultJob;
  /** absent: the row must not exist yet */
  etag?: string;
}

export interface WorkRowRemoval {
  key: string;
  etag: string;
}
