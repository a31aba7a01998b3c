import type { Attempt, ResultJob, SubmitGuard } from '../../domain/attempt.ts';
import type { Versioned, WorkStore } from '../../ports.ts';
import { checkTransaction } from './change-limits.ts';
import type { NextEtag } from './memory-etags.ts';
import { rowKey } from './row-keys.ts';
import { storedText } from './stored-text.ts';
import { workChangeRows } from './work-change-rows.ts';
import { ATTEMPT_ROWS, attemptRow, firstGuard, GUARD_ROW, JOB_ROWS, jobRow } from './work-rows.ts';

interface Row {
  text: string;
  etag: string;
}

export function createMemoryWork(nextEtag: NextEtag): WorkStore {
  const tenants = new Map<string, Map<string, Row>>();
  const read = <T>(tenantId: string, key: string): Versioned<T> | undefined => {
    const row = tenants.get(tenantId)?.get(key);
    return row && versioned<T>(row);
  };

  return {
    async load(tenantId) {
      const rows = [...(tenants.get(tenantId) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      const under = <T>(prefix: string) =>
        rows.filter(([key]) => key.startsWith(prefix)).map(([, row]) => versioned<T>(row));
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
      const rows = tenants.get(rowKey(tenantId, 'tenant id')) ?? new Map<string, Row>();
      const texts = writes.map(({ key, value }) => ({ key, text: storedText(value, `row ${key}`) }));
      checkTransaction(texts.map(({ text }) => text.length));
      const stale = [...writes, ...removals].some(({ key, etag }) => rows.get(key)?.etag !== etag);
      if (stale) return 'conflict';
      for (const { key, text } of texts) rows.set(key, { text, etag: nextEtag() });
      for (const { key } of removals) rows.delete(key);
      tenants.set(tenantId, rows);
      return 'written';
    },
  };
}

const versioned = <T>({ text, etag }: Row): Versioned<T> => ({ value: JSON.parse(text) as T, etag });
