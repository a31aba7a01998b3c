import { randomUUID } from 'node:crypto';
import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { Attempt, ResultJob, SubmitGuard } from '../../domain/attempt.ts';
import type { Versioned, WorkStore } from '../../ports.ts';
import { allowConditionalRemovals, removal } from './conditional-removals.ts';
import type { RowKind } from './migrations.ts';
import { rowKey } from './row-keys.ts';
import { rowEntity, rowValue, type StoredRow } from './stored-row.ts';
import { ourRow, readRow, rowsWhere, submitRows } from './table-rows.ts';
import { workChangeRows } from './work-change-rows.ts';
import { ATTEMPT_ROWS, attemptRow, firstGuard, GUARD_ROW, JOB_ROWS, jobRow, type WorkRowWrite } from './work-rows.ts';

/** Open work in the table `work`: partition = tenant; `_guard`, `a|<attemptId>`, `j|<attemptId>|<index>`. */
export function createTableWork(table: TableClient): WorkStore {
  allowConditionalRemovals(table);

  return {
    async load(tenantId) {
      const rows = await rowsWhere(table, odata`PartitionKey eq ${rowKey(tenantId, 'tenant id')}`);
      const guard = rows.find(({ key }) => key === GUARD_ROW);
      const under = <T>(prefix: string, kind: RowKind) =>
        rows.filter(({ key }) => key.startsWith(prefix)).map((row) => versioned<T>(row, kind));
      return {
        guard: guard ? versioned<SubmitGuard>(guard, 'guard') : firstGuard(tenantId),
        attempts: under<Attempt>(ATTEMPT_ROWS, 'attempt'),
        jobs: under<ResultJob>(JOB_ROWS, 'job'),
      };
    },

    async attempt(tenantId, attemptId) {
      const row = await readRow(table, tenantId, attemptRow(attemptId));
      return row && versioned<Attempt>(row, 'attempt');
    },

    async job(tenantId, attemptId, index) {
      const row = await readRow(table, tenantId, jobRow({ attemptId, index }));
      return row && versioned<ResultJob>(row, 'job');
    },

    async commit(tenantId, change) {
      const { writes, removals } = workChangeRows(change);
      if (writes.length + removals.length === 0) return 'written';
      const stamp = randomUUID();
      const partition = rowKey(tenantId, 'tenant id');
      const result = await submitRows(table, [
        ...writes.map((row) => writing(partition, row, stamp)),
        ...removals.map(({ key, etag }) => removal(partition, key, etag)),
      ]);
      if (result.kind === 'written') return 'written';
      // A change of removals alone leaves no trace: if its reply was lost, this conflict sends the caller to look again.
      const first = writes[0];
      return first && (await ourRow(table, partition, first.key, stamp)) ? 'written' : 'conflict';
    },
  };
}

function writing(partition: string, { key, value, etag }: WorkRowWrite, stamp: string): TransactionAction {
  const columns = 'state' in value ? { state: value.state, machineId: value.machineId } : {};
  const entity = rowEntity({ partition, key, value, columns, stamp });
  return etag === undefined ? ['create', entity] : ['update', entity, 'Replace', { etag }];
}

const versioned = <T>(row: StoredRow, kind: RowKind): Versioned<T> => ({
  value: rowValue<T>(row, kind),
  etag: row.etag,
});
