import type { IndexRow, SortedIndex } from '../../ports.ts';
import { checkIndexText } from './change-limits.ts';
import { indexKey, rowKey } from './row-keys.ts';
import { SortedRows } from './sorted-rows.ts';
import { asciiJson } from './stored-text.ts';

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
      const gone = remove.map(indexKey);
      const texts = put.map(({ key, value }) => [indexKey(key), value === undefined ? '' : indexText(value)] as const);
      for (const [key, text] of texts) rows.put(key, text);
      for (const key of gone) rows.remove(key);
    },

    async range(partition, query) {
      return partitionOf(partition).page(query, indexRow);
    },
  };
}

const indexText = (value: NonNullable<IndexRow['value']>): string => checkIndexText(asciiJson(value));

const indexRow = (key: string, text: string): IndexRow =>
  text === '' ? { key } : { key, value: JSON.parse(text) as Record<string, string | number> };
