import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createEnsureContainer, createEnsureStorage } from '../../../../shared/adapters/storage/ensure-storage.ts';
import { createEvidenceBlobs } from '../../../../shared/adapters/storage/evidence-blobs.ts';
import { createStorageClients, type StorageClients } from '../../../../shared/adapters/storage/storage-clients.ts';
import { createStorageQueues } from '../../../../shared/adapters/storage/storage-queues.ts';
import { createTableState, type TableState } from '../../../../shared/adapters/storage/table-state.ts';
import { systemClock } from '../../../../shared/adapters/telemetry/system.ts';
import type { EvidenceStore, Queues } from '../../../../shared/ports.ts';
import { namesOfItsOwn } from '../../../contracts/azurite-state.ts';
import { aCollection, anAttempt, anEvent, aRequest } from '../../../contracts/state-samples.ts';
import { type BusyStorage, busyStorage } from './busy-storage.ts';

/** As many as one call makes of it. */
const TRIES = 4;

/**
 * What the simulation's fault `throttled` does to storage: the call throws and has had no effect. A storage that is busy
 * for a moment is not even noticed.
 */
describe('a storage that answers 503 ServerBusy', () => {
  let storage: BusyStorage;
  let clients: StorageClients;
  let state: TableState;
  let queues: Queues;
  let evidence: EvidenceStore;

  beforeAll(async () => {
    storage = await busyStorage(inject('stateConnectionString'));
    clients = createStorageClients({ connectionString: storage.connectionString });
    const names = namesOfItsOwn();
    const container = clients.blobs.getContainerClient(`busy-${randomUUID()}`);
    await createEnsureStorage(clients, names)();
    await createEnsureContainer(container)();
    state = createTableState(clients, names);
    queues = createStorageQueues(clients.queues, names);
    const containerName = container.containerName;
    evidence = createEvidenceBlobs({ service: clients.blobs, containerName, clock: systemClock });
  });
  afterAll(() => storage.close());
  beforeEach(() => storage.refuse(0));

  const CALLS: Record<string, () => Promise<unknown>> = {
    'creating a collection': () => state.collections.create(aCollection(), aRequest(), [anEvent()]),
    'changing open work': () => state.work.commit(randomUUID(), { attempts: [{ value: anAttempt() }] }),
    'writing index rows': () => state.index.write('p', { put: [{ key: 'a' }] }),
    'writing a register': () => state.registers.write('t1', `r-${randomUUID()}`, 1),
    'sending a message': () => queues.send('ticks', { kind: 'poll' }),
    'storing a small blob': () =>
      evidence.put(randomUUID(), Buffer.from('x'), { contentType: 'text/plain', metadata: {} }),
    'staging a block': () => evidence.stageBlock(randomUUID(), 'AAAA', Buffer.from('x')),
  };

  it.each(Object.keys(CALLS))('for a moment is asked again: %s', async (what) => {
    storage.refuse(2);
    await CALLS[what]?.();
    expect(storage.refused()).toBe(2);
  });

  it.each(Object.keys(CALLS))('for longer fails the call after %s was tried four times', async (what) => {
    storage.refuse(1000);
    await expect(CALLS[what]?.()).rejects.toThrow();
    expect(storage.refused()).toBe(TRIES);
  });

  it('leaves nothing behind of a call that failed: the same call is no conflict afterwards', async () => {
    const header = aCollection();
    const { guard } = await state.work.load('t9');
    const change = { guard, attempts: [{ value: anAttempt() }] };
    storage.refuse(2 * TRIES);
    await expect(state.collections.create(header, aRequest(), [anEvent()])).rejects.toThrow();
    await expect(state.work.commit('t9', change)).rejects.toThrow();
    storage.refuse(0);
    expect(await state.collections.header(header.collectionId)).toBeUndefined();
    expect(await state.collections.create(header, aRequest(), [anEvent()])).toBe('created');
    expect(await state.work.commit('t9', change)).toBe('written');
  });
});
