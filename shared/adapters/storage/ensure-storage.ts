import type { ContainerClient } from '@azure/storage-blob';
import type { StorageClients } from './storage-clients.ts';
import { storageAnswer } from './storage-errors.ts';
import { type NameOptions, QUEUES, queueName, STATE_CONTAINER, TABLES, tableName } from './storage-names.ts';

/**
 * Makes the tables, queues and the container of the state that are missing. The first success is remembered, later calls
 * cost nothing; any number may run at once, also in several processes.
 * @returns a function that rejects with what could not be made and why
 */
export const createEnsureStorage = (
  clients: Pick<StorageClients, 'blobs' | 'queues' | 'tables'>,
  names: NameOptions = {},
): (() => Promise<void>) => remembered(() => ensureAll(clients, names));

/** The same for one container of whatever account. */
export const createEnsureContainer = (container: ContainerClient): (() => Promise<void>) =>
  remembered(() => madeContainer(container));

function remembered(make: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= make().catch((error: unknown) => {
      done = undefined; // not remembered: the next caller tries again
      throw error;
    });
    return done;
  };
}

async function ensureAll(
  { blobs, queues, tables }: Pick<StorageClients, 'blobs' | 'queues' | 'tables'>,
  names: NameOptions,
): Promise<void> {
  await Promise.all([
    ...TABLES.map((table) => tableName(table, names)).map((table) => made('table', table, tables.createTable(table))),
    ...QUEUES.map((queue) => queueName(queue, names)).map((queue) =>
      made('queue', queue, queues.getQueueClient(queue).createIfNotExists()),
    ),
    madeContainer(blobs.getContainerClient(STATE_CONTAINER)),
  ]);
}

const madeContainer = (container: ContainerClient): Promise<void> =>
  made('container', container.containerName, container.createIfNotExists());

/** @throws Error naming what it is about, with the service's answer as its cause */
async function made(kind: string, name: string, creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (cause) {
    const { status, code } = storageAnswer(cause);
    if (status === 409 && code?.endsWith('AlreadyExists')) return;
    if (status === 409 && code?.endsWith('BeingDeleted'))
      throw new Error(`the ${kind} ${name} is being deleted; storage lets it be made again after a minute or so`, {
        cause,
      });
    throw new Error(`the ${kind} ${name} could not be made: ${code ?? status ?? String(cause)}`, { cause });
  }
}
