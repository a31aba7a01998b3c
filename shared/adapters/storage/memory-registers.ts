import type { Registers } from '../../ports.ts';
import type { NextEtag } from './memory-etags.ts';
import { rowKey } from './row-keys.ts';
import { storedText } from './stored-text.ts';

export function createMemoryRegisters(nextEtag: NextEtag): Registers {
  const rows = new Map<string, { text: string; etag: string }>();

  return {
    async read<T>(tenantId: string, name: string) {
      const row = rows.get(registerKey(tenantId, name));
      return row && { value: JSON.parse(row.text) as T, etag: row.etag };
    },

    async write(tenantId, name, value, etag) {
      const key = registerKey(tenantId, name);
      const text = storedText(value, `row ${name}`);
      if (rows.get(key)?.etag !== etag) return 'conflict';
      rows.set(key, { text, etag: nextEtag() });
      return 'written';
    },
  };
}

/** No key may hold a slash, so none of these two can be mistaken for another. */
const registerKey = (tenantId: string, name: string): string =>
  `${rowKey(tenantId, 'tenant id')}/${rowKey(name, 'register name')}`;
