import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createEnsureContainer, createEnsureStorage } from '../../shared/adapters/storage/ensure-storage.ts';
import { createEvidenceBlobs } from '../../shared/adapters/storage/evidence-blobs.ts';
import { createStorageClients } from '../../shared/adapters/storage/storage-clients.ts';
import { queueName } from '../../shared/adapters/storage/storage-names.ts';
import { createStorageQueues } from '../../shared/adapters/storage/storage-queues.ts';
import { createTableState, type TableState } from '../../shared/adapters/storage/table-state.ts';
import { systemClock } from '../../shared/adapters/telemetry/system.ts';
import type { EvidenceStore, Queues } from '../../shared/ports.ts';
import { type BusyStorage, busyStorage, type Refusal } from '../shared/adapters/storage/busy-storage.ts';
import { azuriteClients, namesOfItsOwn } from './azurite-state.ts';
import { aCollection, anAttempt, anEvent, aRequest, aTask } from './state-samples.ts';

/** As many as one call makes of it. */
const TRIES = 4;
const PROPERTIES = { contentType: 'text/plain', metadata: {} };

interface Faulty {
  storage: BusyStorage;
  state: TableState;
  queues: Queues;
  evidence: EvidenceStore;
}

const names = namesOfItsOwn();
const containerName = `faults-${randomUUID()}`;
const opened: BusyStorage[] = [];

beforeAll(async () => {
  const clients = azuriteClients();
  await createEnsureStorage(clients, names)();
  await createEnsureContainer(clients.blobs.getContainerClient(containerName))();
});
afterAll(() => Promise.all(opened.map((storage) => storage.close())));

/** A way of its own for each test, so that they can wait side by side. */
async function openFaulty(): Promise<Faulty> {
  const storage = await busyStorage(inject('stateConnectionString'));
  opened.push(storage);
  const clients = createStorageClients({ connectionString: storage.connectionString });
  const { queuePrefix } = namesOfItsOwn();
  await clients.queues.getQueueClient(queueName('ticks', { queuePrefix })).create();
  return {
    storage,
    state: createTableState(clients, names),
    queues: createStorageQueues(clients.queues, { queuePrefix }),
    evidence: createEvidenceBlobs({ service: clients.blobs, containerName, clock: systemClock }),
  };
}

/** One write of each port, what it says when all is well, and whether it is seen to have had its effect. */
interface Write {
  write(): Promise<unknown>;
  wellSaid: unknown;
  hasHappened(): Promise<boolean>;
}

const WRITES: Record<string, (faulty: Faulty) => Promise<Write>> = {
  'creating a collection': async ({ state }) => {
    const header = aCollection();
    return {
      write: () => state.collections.create(header, aRequest(), [anEvent()]),
      wellSaid: 'created',
      hasHappened: async () => (await state.collections.header(header.collectionId)) !== undefined,
    };
  },
  'changing a collection': async ({ state }) => {
    const { collectionId, ...fields } = aCollection();
    await state.collections.create({ collectionId, ...fields }, aRequest(), []);
    const header = await state.collections.header(collectionId);
    if (!header) throw new Error('the header is not there');
    return {
      write: () => state.collections.commit({ header, tasks: [aTask(collectionId, 't')], events: [anEvent()] }),
      wellSaid: { value: { ...header.value, nextSequence: 2 }, etag: expect.any(String) },
      hasHappened: async () => (await state.collections.tasksById(collectionId, ['t'])).length === 1,
    };
  },
  'changing open work': async ({ state }) => {
    const tenant = randomUUID();
    return {
      write: () => state.work.commit(tenant, { attempts: [{ value: anAttempt() }] }),
      wellSaid: 'written',
      hasHappened: async () => (await state.work.load(tenant)).attempts.length === 1,
    };
  },
  'writing index rows': async ({ state }) => {
    const partition = randomUUID();
    return {
      write: () => state.index.write(partition, { put: [{ key: 'a' }, { key: 'b' }] }),
      wellSaid: undefined,
      hasHappened: async () => (await state.index.range(partition, { from: '!', to: '~', top: 9 })).value.length === 2,
    };
  },
  'writing a register': async ({ state }) => {
    const name = randomUUID();
    return {
      write: () => state.registers.write('t1', name, 1),
      wellSaid: 'written',
      hasHappened: async () => (await state.registers.read('t1', name)) !== undefined,
    };
  },
  'sending a message': async ({ queues }) => {
    return {
      write: () => queues.send('ticks', { kind: 'poll' }),
      wellSaid: undefined,
      hasHappened: async () => (await queues.depth('ticks')) > 0,
    };
  },
  'storing a small blob': async ({ evidence }) => {
    const name = randomUUID();
    return {
      write: () => evidence.put(name, Buffer.from('x'), PROPERTIES),
      wellSaid: 'stored',
      hasHappened: async () => (await evidence.stat(name)) !== undefined,
    };
  },
  'staging a block': async ({ evidence }) => {
    const name = randomUUID();
    return {
      write: () => evidence.stageBlock(name, 'AAAA', Buffer.from('x')),
      wellSaid: undefined,
      hasHappened: async () => (await evidence.stagedBlocks(name)).length === 1,
    };
  },
  'committing blocks': async ({ evidence }) => {
    const name = randomUUID();
    await evidence.stageBlock(name, 'AAAA', Buffer.from('x'));
    return {
      write: () => evidence.commitBlocks(name, ['AAAA'], PROPERTIES),
      wellSaid: 'stored',
      hasHappened: async () => (await evidence.stat(name)) !== undefined,
    };
  },
};

/** No row of a blob tells who wrote it: whoever lost a reply finds that it exists, and reads it back. */
const SAID_AFTER_A_LOST_REPLY: Record<string, unknown> = {
  'storing a small blob': 'exists',
  'committing blocks': 'exists',
};

const cases = (refusals: Refusal[]) =>
  refusals.flatMap((how) => Object.keys(WRITES).map((what) => [how, what] as const));
const writeOf = async (what: string): Promise<Write & { storage: BusyStorage }> => {
  const faulty = await openFaulty();
  const made = await WRITES[what]?.(faulty);
  if (!made) throw new Error(what);
  return { ...made, storage: faulty.storage };
};

/** The simulation's faults `error`, `throttled` and `lostReply` on real calls: what a caller learns, and what has happened. */
describe('a storage that fails', () => {
  it.concurrent.each(cases(['busyForASecond', 'timedOut', 'reset']))(
    'once (%s) is not noticed: %s',
    async (how, what) => {
      const { write, wellSaid, hasHappened, storage } = await writeOf(what);
      storage.refuse(1, how);
      expect(await write()).toEqual(wellSaid);
      expect(storage.refused()).toBe(1);
      expect(await hasHappened()).toBe(true);
    },
  );

  it.concurrent.each(cases(['timedOut', 'reset']))(
    'for long (%s) makes the call throw, and nothing has happened: %s',
    async (how, what) => {
      const { write, hasHappened, wellSaid, storage } = await writeOf(what);
      storage.refuse(1_000, how);
      await expect(write()).rejects.toThrow();
      expect(storage.refused()).toBe(TRIES);
      storage.refuse(0);
      expect(await hasHappened()).toBe(false);
      expect(await write()).toEqual(wellSaid);
    },
  );

  it.concurrent.each(cases(['lostReply']))(
    'to answer once (%s) is not noticed either, whoever wrote is told so: %s',
    async (how, what) => {
      const { write, wellSaid, hasHappened, storage } = await writeOf(what);
      storage.refuse(1, how);
      expect(await write()).toEqual(SAID_AFTER_A_LOST_REPLY[what] ?? wellSaid);
      expect(await hasHappened()).toBe(true);
    },
  );

  it.concurrent.each(cases(['lostReply']))(
    'to answer for long (%s) makes the call throw, though it has happened: %s',
    async (how, what) => {
      const { write, hasHappened, storage } = await writeOf(what);
      storage.refuse(1_000, how);
      await expect(write()).rejects.toThrow();
      storage.refuse(0);
      expect(await hasHappened()).toBe(true);
    },
  );
});
