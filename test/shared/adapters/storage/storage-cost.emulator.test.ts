import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEnsureContainer, createEnsureStorage } from '../../../../shared/adapters/storage/ensure-storage.ts';
import { createStorageQueues } from '../../../../shared/adapters/storage/storage-queues.ts';
import {
  type AzuriteState,
  azuriteClients,
  namesOfItsOwn,
  openAzuriteState,
} from '../../../contracts/azurite-state.ts';
import { aCollection, anAttempt, anEvent, aRequest, aTask } from '../../../contracts/state-samples.ts';

/** Storage is billed by the transaction: what each step of the engine costs must not grow unseen. */
describe('storage transactions', () => {
  let seen: string[] = [];
  let opened: AzuriteState;
  const onTransaction = (service: string, method: string) => seen.push(`${service} ${method}`);
  const costOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    seen = [];
    await work();
    return seen;
  };

  beforeAll(async () => {
    opened = await openAzuriteState({ onTransaction });
  });

  it('are one for accepting a collection and one for every change of it', async () => {
    const { collections } = opened.state;
    const header = aCollection();
    expect(await costOf(() => collections.create(header, aRequest(), [anEvent()]))).toEqual(['table POST']);
    const stored = await collections.header(header.collectionId);
    if (!stored) throw new Error('the header is not there');
    const tasks = Array.from({ length: 40 }, (_, n) => aTask(header.collectionId, `t${n}`));
    expect(await costOf(() => collections.commit({ header: stored, tasks, events: [anEvent()] }))).toEqual([
      'table POST',
    ]);
    expect(await costOf(() => collections.header(header.collectionId))).toEqual(['table GET']);
    expect(await costOf(() => collections.tasks(header.collectionId, { top: 100 }))).toEqual(['table GET']);
    const ids = tasks.slice(0, 12).map(({ taskId }) => taskId);
    expect(await costOf(() => collections.tasksById(header.collectionId, ids))).toEqual(['table GET']);
  });

  it('are one for seeing all open work and one for changing it', async () => {
    const { work } = opened.state;
    const attempts = Array.from({ length: 60 }, () => ({ value: anAttempt() }));
    const { guard } = await work.load('t1');
    expect(await costOf(() => work.commit('t1', { guard, attempts }))).toEqual(['table POST']);
    expect(await costOf(() => work.load('t1'))).toEqual(['table GET']);
  });

  it('are one for a look at the agenda, one for moving an entry, one for a register, one for a message', async () => {
    const { index, registers } = opened.state;
    await index.write('agenda', { put: [{ key: '1' }, { key: '2' }] });
    expect(await costOf(() => index.range('agenda', { from: '0', to: '9', top: 100 }))).toEqual(['table GET']);
    expect(await costOf(() => index.write('agenda', { put: [{ key: '3' }], remove: ['1'] }))).toEqual(['table POST']);
    expect(await costOf(() => registers.read('t1', 'calls'))).toEqual(['table GET']);
    expect(await costOf(() => registers.write('t1', 'calls', 1))).toEqual(['table POST']);
    const queues = createStorageQueues(opened.clients.queues, opened.names);
    expect(await costOf(() => queues.send('ticks', {}, 1_000))).toEqual(['queue POST']);
  });

  it('are none for making storage that this process has made already', async () => {
    const ensureStorage = createEnsureStorage(opened.clients, opened.names);
    await Promise.all([ensureStorage(), ensureStorage()]);
    expect(await costOf(ensureStorage)).toEqual([]);
  });
});

describe('making the storage', () => {
  it('works when several do it at the same time', async () => {
    const clients = azuriteClients();
    const evidence = clients.blobs.getContainerClient(`evidence-${randomUUID()}`);
    const names = namesOfItsOwn();
    await Promise.all(Array.from({ length: 5 }, () => createEnsureStorage(clients, names)()));
    await Promise.all(Array.from({ length: 5 }, () => createEnsureContainer(evidence)()));
    expect(await evidence.exists()).toBe(true);
    expect(await clients.queues.getQueueClient(`${names.queuePrefix}collection-requests-poison`).exists()).toBe(true);
  });
});
