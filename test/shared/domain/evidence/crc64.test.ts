import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrc64 } from '../../../../shared/domain/evidence/crc64.ts';

function crcOf(...pieces: Uint8Array[]): string {
  const crc = createCrc64();
  for (const piece of pieces) crc.update(piece);
  return crc.digest();
}

/** The definition, bit by bit. */
function crcBitByBit(bytes: Uint8Array): string {
  let crc = 0xffffffffffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  }
  return (crc ^ 0xffffffffffffffffn).toString(16).padStart(16, '0');
}

describe('CRC64', () => {
  it('has the published check value', () => {
    expect(crcOf(Buffer.from('123456789'))).toBe('ae8b14860a799888');
    expect(crcOf()).toBe('0000000000000000');
  });

  it('is that of the definition, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
        expect(crcOf(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(crcBitByBit(bytes));
      }),
    );
  });
});
