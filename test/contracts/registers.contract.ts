import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Registers } from '../../shared/ports.ts';
import { AWKWARD_TEXT } from './state-samples.ts';

export function registersContract(name: string, open: () => Promise<Registers>) {
  describe(`${name} as registers`, () => {
    let registers: Registers;
    let tenant: string;
    beforeEach(async () => {
      registers = await open();
      tenant = `tenant-${randomUUID()}`;
    });

    it('knows nothing of a register never written', async () => {
      expect(await registers.read(tenant, 'calls')).toBeUndefined();
    });

    it.each<[string, unknown]>([
      ['a document', { at: [1, 2.5], text: AWKWARD_TEXT, nested: { empty: {} }, no: false, none: null }],
      ['a list', [1, 'two']],
      ['a number', 0],
      ['a long text', 'ü'.repeat(70_000)],
    ])('gives back %s as it was written', async (_, value) => {
      expect(await registers.write(tenant, 'calls', value)).toBe('written');
      expect((await registers.read(tenant, 'calls'))?.value).toStrictEqual(value);
    });

    it('writes a new register once', async () => {
      expect(await registers.write(tenant, 'calls', 1)).toBe('written');
      expect(await registers.write(tenant, 'calls', 2)).toBe('conflict');
      expect((await registers.read(tenant, 'calls'))?.value).toBe(1);
    });

    it('writes by the version read and refuses a stale one', async () => {
      await registers.write(tenant, 'calls', 1);
      const first = await registers.read<number>(tenant, 'calls');
      expect(await registers.write(tenant, 'calls', 2, first?.etag)).toBe('written');
      expect(await registers.write(tenant, 'calls', 3, first?.etag)).toBe('conflict');
      const second = await registers.read<number>(tenant, 'calls');
      expect(second?.value).toBe(2);
      expect(second?.etag).not.toBe(first?.etag);
    });

    it('refuses a version of a register that is not there', async () => {
      await registers.write(tenant, 'calls', 1);
      const etag = (await registers.read(tenant, 'calls'))?.etag;
      expect(await registers.write(tenant, 'others', 1, etag)).toBe('conflict');
    });

    it('loses no addition when ten add at the same time', async () => {
      await registers.write(tenant, 'count', 0);
      const add = async () => {
        for (;;) {
          const now = await registers.read<number>(tenant, 'count');
          if (now && (await registers.write(tenant, 'count', now.value + 1, now.etag)) === 'written') return;
        }
      };
      await Promise.all(Array.from({ length: 10 }, add));
      expect((await registers.read(tenant, 'count'))?.value).toBe(10);
    });

    it('keeps tenants and names apart', async () => {
      await registers.write(tenant, 'calls', 1);
      expect(await registers.read(tenant, 'call')).toBeUndefined();
      expect(await registers.read(`${tenant}-other`, 'calls')).toBeUndefined();
    });

    it('refuses names that no table key may hold', async () => {
      await expect(registers.write(tenant, 'a/b', 1)).rejects.toThrow(RangeError);
      await expect(registers.read('a#b', 'calls')).rejects.toThrow(RangeError);
    });
  });
}
