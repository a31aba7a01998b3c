import type { Registers, Versioned } from '../../ports.ts';
import { kept } from './kept-value.ts';
import type { NextEtag } from './memory-etags.ts';
import { rowKey } from './row-keys.ts';

export function createMemoryRegisters(nextEtag: NextEtag): Registers {
  const rows = new Map<string, Versioned<unknown>>();

  return {
    async read<T>(tenantId: string, name: string) {
      // whoever reads a register wrote it
      return rows.get(registerKey(tenantId, name)) as Versioned<T> | undefined;
    },

    async write(tenantId, name, value, etag) {
      const key = registerKey(tenantId, name);
      const row = kept(value, `row ${name}`);
      if (rows.get(key)?.etag !== etag) return 'conflict';
      rows.set(key, Object.freeze({ value: row, etag: nextEtag() }));
      return 'written';
    },
  };
}

/** No key may hold a slash, so none of these two can be mistaken for another. */
const registerKey = (tenantId: string, name: string): string =>
  `${rowKey(tenantId, 'tenant id')}/${rowKey(name, 'register name')}`;
