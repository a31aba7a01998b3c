import { randomUUID } from 'node:crypto';
import { type Azurite, STATE_ACCOUNT } from '../../../infra/local/azurite.ts';
import { createEnsureStorage } from '../../../shared/adapters/storage/ensure-storage.ts';
import { createMemoryState } from '../../../shared/adapters/storage/memory-state.ts';
import { createStorageClients } from '../../../shared/adapters/storage/storage-clients.ts';
import { createStorageQueues } from '../../../shared/adapters/storage/storage-queues.ts';
import { createTableState } from '../../../shared/adapters/storage/table-state.ts';
import type { Clock } from '../../../shared/ports.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';

export interface TickState extends Pick<Deps, 'collections' | 'work' | 'index' | 'registers' | 'queues'> {
  /** Storage transactions so far; 0 on twins. */
  transactions(): number;
}

/** Twins: what a tick costs by itself. */
export function twinState(clock: Clock): TickState {
  return { ...createMemoryState({ clock }), transactions: () => 0 };
}

/** Tables and queues of its own in Azurite, with every transaction counted. */
export async function azuriteState(azurite: Azurite): Promise<TickState> {
  let made = 0;
  const clients = createStorageClients(
    { connectionString: azurite.connectionString(STATE_ACCOUNT) },
    {
      onTransaction: () => {
        made += 1;
      },
    },
  );
  const id = randomUUID().replaceAll('-', '');
  const names = { tablePrefix: `t${id}`, queuePrefix: `q${id.slice(0, 12)}-` };
  await createEnsureStorage(clients, names)();
  return {
    ...createTableState(clients, names),
    queues: createStorageQueues(clients.queues, names),
    transactions: () => made,
  };
}
