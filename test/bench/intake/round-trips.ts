import { createEnsureStorage } from '../../../shared/adapters/storage/ensure-storage.ts';
import { createMemoryState } from '../../../shared/adapters/storage/memory-state.ts';
import { createStorageClients } from '../../../shared/adapters/storage/storage-clients.ts';
import { createStorageQueues } from '../../../shared/adapters/storage/storage-queues.ts';
import { createTableState } from '../../../shared/adapters/storage/table-state.ts';
import { systemClock, systemIds } from '../../../shared/adapters/telemetry/system.ts';
import { parseCollectionRequest } from '../../../shared/contracts/collection-request.ts';
import { acceptCollection } from '../../../shared/use-cases/accept-collection.ts';
import { createWorld } from '../../world/world.ts';

/** Storage transactions of accepting one request, counted at the client. */
export async function roundTrips(connectionString: string, body: unknown): Promise<number> {
  let made = 0;
  const onTransaction = () => {
    made += 1;
  };
  const clients = createStorageClients({ connectionString }, { onTransaction });
  const names = { tablePrefix: 'counted', queuePrefix: 'counted-' };
  await createEnsureStorage(clients, names)();
  const parsed = parseCollectionRequest(body, { now: systemClock.now(), callbackHosts: [], loopbackAllowed: false });
  if (!parsed.ok) throw new Error(`the request was refused: ${JSON.stringify(parsed.error)}`);
  const deps = {
    ...createWorld().deps,
    ...createTableState(clients, names),
    queues: createStorageQueues(clients.queues, names),
    secrets: createMemoryState().secrets,
    clock: systemClock,
    ids: systemIds,
  };
  made = 0;
  await acceptCollection(deps, { ...parsed, requestedBy: { kind: 'http' }, receivedAt: systemClock.now() });
  return made;
}
