import type { Attempt, ResultJob, SubmitGuard } from '../../domain/attempt.ts';
import type { Versioned, WorkStore } from '../../ports.ts';
import { checkTransaction } from './change-limits.ts';
import { kept, keptLength } from './kept-value.ts';
import type { NextEtag } from './memory-etags.ts';
import { rowKey } from './row-keys.ts';
import { SortedRows } from './sorted-rows.ts';
import { workChangeRows } from './work-change-rows.ts';
import { ATTEMPT_ROWS, attemptRow, firstGuard, GUARD_ROW, JOB_ROWS, jobRow } from './work-rows.ts';

type Row = Versioned<SubmitGuard | Attempt | ResultJob>;

export function createMemoryWork(nextEtag: NextEtag): WorkStore {
  const tenants = new Map<string, SortedRows<Row>>();
  const read = <T>(tenantId: string, key: string): Versioned<T> | undefined =>
    // a row's key says what it holds
    tenants.get(tenantId)?.get(key) as Versioned<T> | undefined;

  return {
    async load(tenantId) {
      const under = <T>(prefix: string) => (tenants.get(tenantId)?.under(prefix) ?? []) as Versioned<T>[];
      return {
        guard: read<SubmitGuard>(tenantId, GUARD_ROW) ?? firstGuard(tenantId),
        attempts: under<Attempt>(ATTEMPT_ROWS),
        jobs: under<ResultJob>(JOB_ROWS),
      };
    },

    async attempt(tenantId, attemptId) {
      return read<Attempt>(tenantId, attemptRow(attemptId));
    },

    async job(tenantId, attemptId, index) {
      return read<ResultJob>(tenantId, jobRow({ attemptId, index }));
    },

    async commit(tenantId, change) {
      const { writes, removals } = workChangeRows(change);
      const rows = tenants.get(rowKey(tenantId, 'tenant id')) ?? new SortedRows<Row>();
      const written = writes.map(({ key, value }) => ({ key, value: kept(value, `row ${key}`) }));
      checkTransaction(written.map(({ value }) => keptLength(value)));
      const stale = [...writes, ...removals].some(({ key, etag }) => rows.get(key)?.etag !== etag);
      if (stale) return 'conflict';
      for (const { key, value } of written) rows.put(key, Object.freeze({ value, etag: nextEtag() }));
      for (const { key } of removals) rows.remove(key);
      tenants.set(tenantId, rows);
      return 'written';
    },
  };
}
