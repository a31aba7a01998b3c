import { randomUUID } from 'node:crypto';
import { createStorageClients } from '../../../shared/adapters/storage/storage-clients.ts';

/** Storage calls of one acceptance: the header with its request, its agenda row, its list rows, and a message. */
const TABLE_WRITES = 3;

/**
 * What an acceptance would take at least: as many bare writes of its size, two of the rows at once as Holdfast does,
 * then a message, from a plain client.
 */
export async function bareStorage(connectionString: string, body: string): Promise<() => Promise<void>> {
  const clients = createStorageClients({ connectionString });
  const table = clients.table('bareline');
  const queue = clients.queues.getQueueClient('bareline');
  await table.createTable();
  await queue.create();
  return async () => {
    const id = randomUUID();
    const row = (place: number, text: string) =>
      table.createEntity({ partitionKey: `${id}-${place}`, rowKey: 'r', text });
    await row(0, body);
    await Promise.all(Array.from({ length: TABLE_WRITES - 1 }, (_, place) => row(place + 1, '')));
    await queue.sendMessage(JSON.stringify({ collectionId: id }));
  };
}
