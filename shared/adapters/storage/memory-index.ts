import type { IndexRow, SortedIndex } from '../../ports.ts';
import { indexKey, rowKey } from './row-keys.ts';
import { SortedRows } from './sorted-rows.ts';
import { storedText } from './stored-text.ts';

export function createMemoryIndex(): SortedIndex {
  const partitions = new Map<string, SortedRows>();
  const partitionOf = (name: string): SortedRows => {
    const rows = partitions.get(rowKey(name, 'index partition')) ?? new SortedRows();
    partitions.set(name, rows);
    return rows;
  };

  return {
    async write(partition, { put = [], remove = [] }) {
      const rows = partitionOf(partition);
      for (const { key } of put) indexKey(key);
      for (const { key, value } of put) rows.put(key, value === undefined ? '' : storedText(value, 'row'));
      for (const key of remove) rows.remove(indexKey(key));
    },

    async range(partition, query) {
      return partitionOf(partition).page(query, indexRow);
    },
  };
}

const indexRow = (key: string, text: string): IndexRow =>
  text === '' ? { key } : { key, value: JSON.parse(text) as Record<string, string | number> };
