import { createHash } from 'node:crypto';

/** SHA-256 as lowercase hex. */
export const sha256Hex = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/**
 * The id of the collection for a requestId: the same for the same caller, so that twenty identical requests, in whatever
 * order and on whatever instance, meet in one row. A UUID of version 8 (RFC 9562: "custom"), from SHA-256.
 */
export function idForRequest(tenantId: string, scope: string, requestId: string): string {
  const hex = sha256Hex(JSON.stringify([tenantId, scope, requestId]))
    .slice(0, 32)
    .split('');
  hex[12] = '8';
  hex[16] = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
