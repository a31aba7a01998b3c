import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../ports.ts';

/** What `Location` carries: an HMAC of the id, good for reading that one operation. No table holds it. */
export async function operationToken(secrets: Secrets, collectionId: string): Promise<string> {
  const key = await secrets.key('operation-token');
  return createHmac('sha256', key).update(collectionId).digest('base64url');
}

export async function isOperationToken(secrets: Secrets, collectionId: string, token: string): Promise<boolean> {
  const expected = Buffer.from(await operationToken(secrets, collectionId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
