import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { IndexRow, SortedIndex } from '../../ports.ts';
import { CHANGE_LIMITS, checkIndexLength } from './change-limits.ts';
import { indexKey, rowKey } from './row-keys.ts';
import { removeEach } from './row-removals.ts';
import { rowEntity, rowValue, type StoredRow } from './stored-row.ts';
import { asciiJson } from './stored-text.ts';
import { rowPage, submitRows } from './table-rows.ts';

/** Sorted sets in the table `index`: partition = the set, row key = the key. */
export function createTableIndex(table: TableClient): SortedIndex {
  return {
    async write(partition, rows) {
      const actions = indexActions(rowKey(partition, 'index partition'), rows);
      for (let start = 0; start < actions.length; start += CHANGE_LIMITS.rows)
        await writeChunk(table, actions.slice(start, start + CHANGE_LIMITS.rows));
    },

    async range(partition, query) {
      return rowPage(table, rowKey(partition, 'index partition'), query, indexRow);
    },
  };
}

/** Upserts before removals; of several for one key the last counts, and a key that is also removed is only removed. */
function indexActions(partition: string, { put = [], remove = [] }: { put?: IndexRow[]; remove?: string[] }) {
  for (const { value } of put) if (value !== undefined) checkIndexLength(asciiJson(value).length);
  const removed = new Set(remove.map(indexKey));
  const kept = new Map(put.map(({ key, value }) => [indexKey(key), value]));
  return [
    ...[...kept]
      .filter(([key]) => !removed.has(key))
      .map(([key, value]): TransactionAction => ['upsert', rowEntity({ partition, key, value }), 'Replace']),
    ...[...removed].map((key): TransactionAction => ['delete', { partitionKey: partition, rowKey: key }]),
  ];
}

/** Moving a row is one transaction. Only when a row to remove is not there are the removals made one by one. */
async function writeChunk(table: TableClient, actions: TransactionAction[]): Promise<void> {
  const removals = actions.filter(([kind]) => kind === 'delete');
  if (actions.length === 1) return removals.length === 1 ? removeAlone(table, removals) : submitted(table, actions);
  const { kind } = await submitRows(table, actions);
  if (kind === 'written') return;
  const upserts = actions.filter(([action]) => action !== 'delete');
  if (upserts.length > 0) await submitted(table, upserts);
  await removeAlone(table, removals);
}

async function removeAlone(table: TableClient, removals: TransactionAction[]): Promise<void> {
  const [partition = ''] = removals.map(([, row]) => row.partitionKey);
  const keys = removals.map(([, row]) => row.rowKey);
  await removeEach(table, partition, keys);
}

/** Upserts have no condition; one that meets another of the same row at the same moment is simply made again. */
async function submitted(table: TableClient, upserts: TransactionAction[]): Promise<void> {
  for (let tries = 1; tries <= 3; tries += 1) if ((await submitRows(table, upserts)).kind === 'written') return;
  throw new Error('upserts without a condition met a conflict three times');
}

const indexRow = (row: StoredRow): IndexRow =>
  row.text === '' ? { key: row.key } : { key: row.key, value: rowValue<Record<string, string | number>>(row, 'index') };
