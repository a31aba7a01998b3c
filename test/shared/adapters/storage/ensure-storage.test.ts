import { describe, expect, it } from 'vitest';
import { createEnsureStorage } from '../../../../shared/adapters/storage/ensure-storage.ts';
import { createStorageClients } from '../../../../shared/adapters/storage/storage-clients.ts';

/** Clients that reach nothing; what the services would answer is put in their place. */
function clientsAnswering(createTable: (name: string) => Promise<void>) {
  const clients = createStorageClients({ connectionString: 'UseDevelopmentStorage=true' });
  const made = async () => ({ succeeded: true });
  clients.tables.createTable = createTable;
  clients.queues.getQueueClient = () => ({ createIfNotExists: made }) as never;
  clients.blobs.getContainerClient = () => ({ createIfNotExists: made }) as never;
  return clients;
}

const refusal = (statusCode: number, code: string) =>
  Object.assign(new Error('refused'), { statusCode, details: { odataError: { code } } });

describe('making the storage', () => {
  it('says that a table is still being deleted', async () => {
    const clients = clientsAnswering(async (name) => {
      if (name === 'work') throw refusal(409, 'TableBeingDeleted');
    });
    await expect(createEnsureStorage(clients)()).rejects.toThrow('the table work is being deleted');
  });

  it('names what it could not make and keeps the cause', async () => {
    const cause = refusal(403, 'AuthorizationFailure');
    const clients = clientsAnswering(async () => {
      throw cause;
    });
    const failure = createEnsureStorage(clients)();
    await expect(failure).rejects.toThrow(/the table \w+ could not be made: AuthorizationFailure/);
    await expect(failure).rejects.toMatchObject({ cause });
  });

  it('tries again after a failure, and not after a success', async () => {
    let calls = 0;
    const clients = clientsAnswering(async () => {
      calls += 1;
      if (calls === 1) throw refusal(403, 'AuthorizationFailure');
    });
    const ensureStorage = createEnsureStorage(clients);
    await expect(ensureStorage()).rejects.toThrow();
    await ensureStorage();
    const before = calls;
    await ensureStorage();
    expect(calls).toBe(before);
  });
});
