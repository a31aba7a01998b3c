import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import process from 'node:process';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { isRunning } from './process-state.ts';
import { storageCode } from './storage-fault.ts';

/** A right that one process at a time holds, across all processes on the same storage. */
export interface SingletonLock {
  /** @returns undefined while another process holds it */
  tryHold(): Promise<HeldLock | undefined>;
}

export interface HeldLock {
  /** fires when the right was lost */
  lost: AbortSignal;
  release(): Promise<void>;
}

/** The shortest lease that storage grants: a process that dies on another machine blocks no longer than this. */
const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;

/** Who we are: a process id alone comes back after a restart. */
const OWNER = { machine: hostname(), pid: String(process.pid), start: randomUUID() };

export function singletonLock(container: ContainerClient, hostId: string, name: string): SingletonLock {
  const blob = container.getBlockBlobClient(`locks/${hostId}/Host.Functions.${name}.Listener`);
  return {
    async tryHold() {
      const lease = blob.getBlobLeaseClient();
      if (!(await acquire(blob, lease.acquireLease.bind(lease)))) return undefined;
      await blob.setMetadata(OWNER, { conditions: { leaseId: lease.leaseId } });
      return hold(lease);
    },
  };
}

async function acquire(blob: BlockBlobClient, take: (seconds: number) => Promise<unknown>): Promise<boolean> {
  try {
    await take(LEASE_SECONDS);
    return true;
  } catch (error) {
    const code = storageCode(error);
    if (code === 'BlobNotFound') {
      await createIfAbsent(blob);
      return acquire(blob, take);
    }
    if (code !== 'LeaseAlreadyPresent') throw error;
    return (await breakIfOwnerDied(blob)) && acquire(blob, take);
  }
}

/** A killed process of this machine need not be waited for. */
async function breakIfOwnerDied(blob: BlockBlobClient): Promise<boolean> {
  const { metadata = {}, etag } = await blob.getProperties();
  if (metadata.machine !== OWNER.machine || metadata.start === OWNER.start) return false;
  const pid = Number(metadata.pid);
  if (pid !== process.pid && isRunning(pid)) return false;
  try {
    // a new owner has written its name meanwhile: then the etag is another
    await blob.getBlobLeaseClient().breakLease(0, { conditions: etag === undefined ? {} : { ifMatch: etag } });
    return true;
  } catch (error) {
    if (storageCode(error) === 'ConditionNotMet' || storageCode(error) === 'LeaseNotPresentWithLeaseOperation')
      return false;
    throw error;
  }
}

async function createIfAbsent(blob: BlockBlobClient): Promise<void> {
  try {
    await blob.upload('', 0, { conditions: { ifNoneMatch: '*' } });
  } catch (error) {
    if (storageCode(error) === 'ContainerNotFound') throw error;
    if (storageCode(error) !== 'BlobAlreadyExists' && storageCode(error) !== 'LeaseIdMissing') throw error;
  }
}

function hold(lease: { renewLease(): Promise<unknown>; releaseLease(): Promise<unknown> }): HeldLock {
  const lost = new AbortController();
  let goodUntil = Date.now() + LEASE_SECONDS * 1000;
  const timer = setInterval(async () => {
    const askedAt = Date.now();
    try {
      await lease.renewLease();
      goodUntil = askedAt + LEASE_SECONDS * 1000;
    } catch {
      // storage may answer the next time; past the lease's end the right is gone whatever it says
      if (Date.now() + RENEW_MS > goodUntil) lose();
    }
  }, RENEW_MS);
  const lose = () => {
    clearInterval(timer);
    lost.abort();
  };
  return {
    lost: lost.signal,
    async release() {
      lose();
      // a lease that cannot be released ends by itself
      await lease.releaseLease().catch(() => undefined);
    },
  };
}
