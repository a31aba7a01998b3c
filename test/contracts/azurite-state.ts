import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createEnsureStorage } from '../../shared/adapters/storage/ensure-storage.ts';
import {
  createStorageClients,
  type StorageClients,
  type StorageOptions,
} from '../../shared/adapters/storage/storage-clients.ts';
import type { NameOptions } from '../../shared/adapters/storage/storage-names.ts';
import { createTableState, type TableState } from '../../shared/adapters/storage/table-state.ts';

export interface AzuriteState {
  clients: StorageClients;
  names: NameOptions;
  state: TableState;
}

/** State in the Azurite of this test run, in tables and queues that nobody else has. */
export async function openAzuriteState(options: StorageOptions = {}): Promise<AzuriteState> {
  const clients = azuriteClients(options);
  const names = namesOfItsOwn();
  await createEnsureStorage(clients, names)();
  return { clients, names, state: createTableState(clients, names) };
}

export function namesOfItsOwn(): Required<NameOptions> {
  const id = randomUUID().replaceAll('-', '');
  return { tablePrefix: `t${id}`, queuePrefix: `q${id.slice(0, 12)}-` };
}

export const azuriteClients = (options: StorageOptions = {}): StorageClients =>
  createStorageClients({ connectionString: inject('stateConnectionString') }, options);

/** One for all tests of a file: making tables takes longer than most of them. */
export function sharedAzuriteState(): () => Promise<TableState> {
  let opened: Promise<AzuriteState> | undefined;
  return async () => {
    opened ??= openAzuriteState();
    return (await opened).state;
  };
}
