import { BlobServiceClient, type UserDelegationKey } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';
import { createEvidenceBlobs } from '../../shared/adapters/storage/evidence-blobs.ts';
import { hours, minutes } from '../../shared/domain/time.ts';

/** The evidence store of an identity, with a service that hands out delegation keys. */
function storeOfIdentity() {
  let now = Date.parse('2026-11-24T10:00:00Z');
  const keys: { from: Date; to: Date }[] = [];
  const getToken = async () => ({ token: 'token', expiresOnTimestamp: now + hours(1) });
  const service = new BlobServiceClient('https://evidence.blob.core.windows.net', { getToken });
  const getUserDelegationKey = async (from: Date, to: Date): Promise<UserDelegationKey> => {
    keys.push({ from, to });
    return {
      signedObjectId: 'oid',
      signedTenantId: 'tid',
      signedStartsOn: from,
      signedExpiresOn: to,
      signedService: 'b',
      signedVersion: '2025-01-05',
      value: Buffer.from('key').toString('base64'),
    };
  };
  Object.assign(service, { getUserDelegationKey });
  return {
    keys,
    store: createEvidenceBlobs({ service, containerName: 'evidence', clock: { now: () => now } }),
    now: () => now,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

describe('a link signed for an identity', () => {
  it('is https only, for reading one blob, for a download', async () => {
    const { store, now } = storeOfIdentity();
    const link = new URL(await store.readLink('INC-1/c/d/00-GetFile-a.zip', now() + minutes(10)));
    expect(link.origin + link.pathname).toBe(
      'https://evidence.blob.core.windows.net/evidence/INC-1/c/d/00-GetFile-a.zip',
    );
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      sp: 'r',
      sr: 'b',
      spr: 'https',
      skoid: 'oid',
      se: '2026-11-24T10:10:00Z',
      rscd: 'attachment; filename="00-GetFile-a.zip"',
      rsct: 'application/octet-stream',
    });
  });

  it('costs a call for its key only when the last key does not last', async () => {
    const { store, now, advance, keys } = storeOfIdentity();
    await store.readLink('a', now() + minutes(10));
    advance(hours(20));
    await store.readLink('b', now() + minutes(10));
    expect(keys).toHaveLength(1);
    advance(hours(4));
    await store.readLink('c', now() + minutes(10));
    expect(keys).toHaveLength(2);
    expect(keys[1]?.to.getTime()).toBeGreaterThanOrEqual(now() + minutes(10));
  });
});
