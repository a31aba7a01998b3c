import type { CollectionStore, Registers, SortedIndex, WorkStore } from '../../ports.ts';
import type { StorageClients } from './storage-clients.ts';
import { type NameOptions, STATE_CONTAINER, type TableName, tableName } from './storage-names.ts';
import { createTableCollections } from './table-collections.ts';
import { createTableIndex } from './table-index.ts';
import { createTableRegisters } from './table-registers.ts';
import { createTableWork } from './table-work.ts';

export interface TableState {
  collections: CollectionStore;
  work: WorkStore;
  index: SortedIndex;
  registers: Registers;
}

/** The state in Azure Tables; `ensureStorage` must have made the tables. */
export function createTableState(
  clients: Pick<StorageClients, 'table' | 'blobs'>,
  names: NameOptions = {},
): TableState {
  const table = (name: TableName) => clients.table(tableName(name, names));
  return {
    collections: createTableCollections(table('collections'), clients.blobs.getContainerClient(STATE_CONTAINER)),
    work: createTableWork(table('work')),
    index: createTableIndex(table('index')),
    registers: createTableRegisters(table('registers')),
  };
}
