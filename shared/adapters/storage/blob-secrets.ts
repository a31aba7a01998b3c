import { randomBytes } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import type { Secrets } from '../../ports.ts';
import { derivedKey, KEY_BYTES } from './derived-keys.ts';
import { isConflict, isMissing, isMissingHolder } from './storage-errors.ts';

const MASTER_KEY_BLOB = 'keys/master';

/**
 * Keys derived from one random master key, which lies in a private blob and is made once by whoever comes first. Read
 * once per process; never logged, never in a table.
 */
export function createBlobSecrets(container: ContainerClient): Secrets {
  let master: Promise<Uint8Array> | undefined;
  const masterKey = (): Promise<Uint8Array> => {
    master ??= readOrCreate(container).catch((error: unknown) => {
      master = undefined; // the next caller tries again
      throw error;
    });
    return master;
  };
  return { key: async (purpose) => derivedKey(await masterKey(), purpose) };
}

async function readOrCreate(container: ContainerClient): Promise<Uint8Array> {
  return (await read(container)) ?? (await create(container)) ?? (await readAgain(container));
}

async function read(container: ContainerClient): Promise<Uint8Array | undefined> {
  try {
    const bytes = await container.getBlobClient(MASTER_KEY_BLOB).downloadToBuffer();
    if (bytes.length !== KEY_BYTES)
      throw new Error(`the blob ${MASTER_KEY_BLOB} has ${bytes.length} bytes, a key has ${KEY_BYTES}`);
    return bytes;
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!isMissingHolder(error)) throw error;
    await container.createIfNotExists();
    return undefined;
  }
}

/** Absent when another one was first. Its own lost reply ends there too: the key that counts is the stored one. */
async function create(container: ContainerClient): Promise<Uint8Array | undefined> {
  const key = randomBytes(KEY_BYTES);
  try {
    await container.getBlockBlobClient(MASTER_KEY_BLOB).uploadData(key, { conditions: { ifNoneMatch: '*' } });
    return key;
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

async function readAgain(container: ContainerClient): Promise<Uint8Array> {
  const key = await read(container);
  if (key === undefined) throw new Error(`the blob ${MASTER_KEY_BLOB} was made and is gone again`);
  return key;
}
