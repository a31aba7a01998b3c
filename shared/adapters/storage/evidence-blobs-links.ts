import {
  BlobSASPermissions,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { days, type EpochMs, hours, minutes } from '../../domain/time.ts';
import type { Clock } from '../../ports.ts';

/** Clocks differ; a link that is not valid yet helps nobody. */
const CLOCK_SKEW_MS = minutes(15);

/** A delegation key serves many links, and is asked for anew when it ends before the link that it is to sign. */
const KEY_LIFE_MS = hours(24);

/** Azure gives none for longer. @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key */
const KEY_MAX_MS = days(7);

interface DelegationKey {
  value: UserDelegationKey;
  expiresAt: EpochMs;
}

/**
 * Signs links to one blob each: read only, https only (unless the storage itself is on http, as Azurite is), and always
 * a download, never something that a browser shows. With an account key the account signs; with an identity, a user
 * delegation key does, so that taking the identity's rights away ends its links.
 */
export function createLinkSigner(service: BlobServiceClient, containerName: string, clock: Clock) {
  let delegation: Promise<DelegationKey> | undefined;

  const delegationKey = async (until: EpochMs): Promise<UserDelegationKey> => {
    const known = await delegation?.catch(() => undefined);
    if (known && known.expiresAt >= until) return known.value;
    delegation = fetchDelegationKey(service, clock.now(), until);
    return (await delegation).value;
  };

  return async (blobName: string, expiresAt: EpochMs): Promise<string> => {
    const blob = service.getContainerClient(containerName).getBlobClient(blobName);
    const startsOn = new Date(clock.now() - CLOCK_SKEW_MS);
    const values = {
      containerName,
      blobName,
      startsOn,
      expiresOn: new Date(expiresAt),
      permissions: BlobSASPermissions.parse('r'),
      protocol: new URL(service.url).protocol === 'https:' ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      contentDisposition: `attachment; filename="${downloadName(blobName)}"`,
      contentType: 'application/octet-stream',
    };
    const { credential } = service;
    const signed =
      credential instanceof StorageSharedKeyCredential
        ? generateBlobSASQueryParameters(values, credential)
        : generateBlobSASQueryParameters(values, await delegationKey(expiresAt), service.accountName);
    return `${blob.url}?${signed}`;
  };
}

async function fetchDelegationKey(service: BlobServiceClient, now: EpochMs, until: EpochMs): Promise<DelegationKey> {
  const startsAt = now - CLOCK_SKEW_MS;
  const expiresAt = Math.min(Math.max(until, now + KEY_LIFE_MS), startsAt + KEY_MAX_MS);
  const value = await service.getUserDelegationKey(new Date(startsAt), new Date(expiresAt));
  return { value, expiresAt };
}

/** The last segment in plain ASCII: the header knows no other alphabet, and the blob's name says the rest. */
function downloadName(blobName: string): string {
  return blobName.slice(blobName.lastIndexOf('/') + 1).replace(/[^\x20-\x7e]|["\\]/g, '_');
}
