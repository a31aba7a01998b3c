import type { TableClient, TransactionAction } from '@azure/data-tables';
import pMap from 'p-map';
import { isMissing } from './storage-errors.ts';
import { submitRows } from './table-rows.ts';

const REMOVALS_AT_ONCE = 8;

/** Rows of one partition, at most 100, without condition. Only when one is not there are they removed one by one. */
export async function removeRows(table: TableClient, partition: string, keys: string[]): Promise<void> {
  if (keys.length > 1) {
    const actions = keys.map((key): TransactionAction => ['delete', { partitionKey: partition, rowKey: key }]);
    if ((await submitRows(table, actions)).kind === 'written') return;
  }
  await removeEach(table, partition, keys);
}

export async function removeEach(table: TableClient, partition: string, keys: string[]): Promise<void> {
  await pMap(keys, (key) => removeRow(table, partition, key), { concurrency: REMOVALS_AT_ONCE });
}

async function removeRow(table: TableClient, partition: string, key: string): Promise<void> {
  try {
    await table.deleteEntity(partition, key);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
