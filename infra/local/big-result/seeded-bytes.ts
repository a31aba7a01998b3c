import { createCipheriv, createHash } from 'node:crypto';

const AES_BLOCK = 16;

/** A stream of bytes that a seed and an offset determine, made as fast as AES is: no disk, no memory, any range. */
export function* seededBytes(seed: string, from: number, to: number, chunkBytes = 256 * 1024): Generator<Uint8Array> {
  const counter = Buffer.alloc(AES_BLOCK);
  counter.writeBigUInt64BE(BigInt(Math.floor(from / AES_BLOCK)), 8);
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(seed).digest(), counter);
  cipher.update(Buffer.alloc(from % AES_BLOCK));
  const zeros = Buffer.alloc(chunkBytes);
  for (let at = from; at < to; at += chunkBytes) yield cipher.update(zeros.subarray(0, Math.min(chunkBytes, to - at)));
}

export function seededSha256(seed: string, bytes: number): string {
  const hash = createHash('sha256');
  for (const chunk of seededBytes(seed, 0, bytes)) hash.update(chunk);
  return hash.digest('hex');
}
