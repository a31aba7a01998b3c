import { describe, expect, it } from 'vitest';
import { openAddress, SealBroken, sealAddress } from '../../../shared/use-cases/sealed-address.ts';

const KEY = new Uint8Array(32).fill(7);
const ADDRESS = 'https://prod-01.westeurope.logic.azure.com:443/workflows/abc?sig=geheim✓';

describe('a sealed address', () => {
  it('opens with its key alone', () => {
    const sealed = sealAddress(KEY, ADDRESS);
    expect(openAddress(KEY, sealed)).toBe(ADDRESS);
    expect(() => openAddress(new Uint8Array(32).fill(8), sealed)).toThrow(SealBroken);
  });

  it('shows nothing, and looks different each time', () => {
    const [one, other] = [sealAddress(KEY, ADDRESS), sealAddress(KEY, ADDRESS)];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^v1\.[\w-]+$/);
    expect(Buffer.from(one.slice(3), 'base64url').toString()).not.toContain('logic');
  });

  it('does not open when anything of it was changed', () => {
    const bytes = Buffer.from(sealAddress(KEY, ADDRESS).slice(3), 'base64url');
    for (const position of [0, 11, 12, 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect(() => openAddress(KEY, `v1.${changed.toString('base64url')}`)).toThrow(SealBroken);
    }
    const [, sealed = ''] = sealAddress(KEY, ADDRESS).split('.');
    for (const odd of ['', 'v1.', 'v1.AAAA', 'v2.AAAA', ADDRESS, `v2.${sealed}`, `v1.${sealed}.more`])
      expect(() => openAddress(KEY, odd)).toThrow(SealBroken);
  });

  it('says that it cannot be opened, and why, but nothing of the address', () => {
    const opened = (key: Uint8Array, sealed: string): unknown => {
      try {
        return openAddress(key, sealed);
      } catch (error) {
        return error;
      }
    };
    const byAnother = opened(new Uint8Array(32).fill(8), sealAddress(KEY, ADDRESS));
    expect(byAnother).toMatchObject({ name: 'SealBroken', cause: expect.any(Error) });
    expect(String(byAnother)).toBe('SealBroken: the sealed address cannot be opened');
    expect(opened(KEY, 'v1')).toBeInstanceOf(SealBroken);
  });

  it('may be empty, or of one character', () => {
    for (const address of ['', 'x']) expect(openAddress(KEY, sealAddress(KEY, address))).toBe(address);
  });

  it('takes a key of 32 bytes only', () => {
    expect(() => sealAddress(new Uint8Array(16), ADDRESS)).toThrow('a key has 32 bytes, not 16');
    const sealed = sealAddress(KEY, ADDRESS);
    expect(() => openAddress(new Uint8Array(33), sealed)).toThrow(RangeError);
  });
});
