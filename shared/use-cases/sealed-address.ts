import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Names the form, so that another can follow. */
const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What was sealed cannot be opened: another key, or it was changed. */
export class SealBroken extends Error {
  constructor(cause?: unknown) {
    super('the sealed address cannot be opened', { cause });
    this.name = 'SealBroken';
  }
}

/**
 * A callback address as tables may hold it: encrypted with AES-256-GCM, `v1.<base64url of nonce, ciphertext, tag>`.
 * Sealed twice, it looks different each time.
 * @param key 32 bytes
 * @throws RangeError for a key of another length
 */
export function sealAddress(key: Uint8Array, address: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, checked(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(VERSION));
  const sealed = Buffer.concat([nonce, cipher.update(address, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${sealed.toString('base64url')}`;
}

/** @throws SealBroken; RangeError for a key of another length */
export function openAddress(key: Uint8Array, sealed: string): string {
  const [version, encoded = '', ...more] = sealed.split('.');
  const bytes = Buffer.from(encoded, 'base64url');
  if (version !== VERSION || more.length > 0 || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken();
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, checked(key), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(VERSION));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const ciphertext = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new SealBroken(error);
  }
}

function checked(key: Uint8Array): Uint8Array {
  if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  return key;
}
