import type { IndexRow, SortedIndex } from '../../ports.ts';
import { checkIndexLength } from './change-limits.ts';
import { kept, keptLength } from './kept-value.ts';
import { indexKey, rowKey } from './row-keys.ts';
import { SortedRows } from './sorted-rows.ts';

export function createMemoryIndex(): SortedIndex {
  const partitions = new Map<string, SortedRows<IndexRow>>();
  const partitionOf = (name: string): SortedRows<IndexRow> => {
    const rows = partitions.get(rowKey(name, 'index partition')) ?? new SortedRows();
    partitions.set(name, rows);
    return rows;
  };

  return {
    async write(partition, { put = [], remove = [] }) {
      const rows = partitionOf(partition);
      const gone = remove.map(indexKey);
      const written = put.map(keptRow);
      for (const row of written) rows.put(row.key, row);
      for (const key of gone) rows.remove(key);
    },

    async range(partition, query) {
      return partitionOf(partition).page(query);
    },
  };
}

function keptRow({ key, value }: IndexRow): IndexRow {
  indexKey(key);
  const row = kept(value === undefined ? { key } : { key, value }, 'row of an index');
  if (row.value) checkIndexLength(keptLength(row.value));
  return row;
}
