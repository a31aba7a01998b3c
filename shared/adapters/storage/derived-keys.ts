import { hkdfSync } from 'node:crypto';

export const KEY_BYTES = 32;

/** One key per purpose from the master key: knowing one tells nothing of another (HKDF-SHA256, RFC 5869). */
export function derivedKey(master: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', master, new Uint8Array(), `holdfast ${purpose}`, KEY_BYTES));
}
