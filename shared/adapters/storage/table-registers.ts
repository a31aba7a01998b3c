import { randomUUID } from 'node:crypto';
import type { TableClient } from '@azure/data-tables';
import type { Registers } from '../../ports.ts';
import { rowKey } from './row-keys.ts';
import { isConflict, isMissing } from './storage-errors.ts';
import { rowEntity, rowValue } from './stored-row.ts';
import { ourRow, readRow } from './table-rows.ts';

/** Registers in the table `registers`: partition = tenant, row key = name. */
export function createTableRegisters(table: TableClient): Registers {
  return {
    async read<T>(tenantId: string, name: string) {
      const row = await readRow(table, rowKey(tenantId, 'tenant id'), rowKey(name, 'register name'));
      return row && { value: rowValue<T>(row, 'register'), etag: row.etag };
    },

    async write(tenantId, name, value, etag) {
      const stamp = randomUUID();
      const partition = rowKey(tenantId, 'tenant id');
      const key = rowKey(name, 'register name');
      const entity = rowEntity({ partition, key, value, stamp });
      try {
        if (etag === undefined) await table.createEntity(entity);
        else await table.updateEntity(entity, 'Replace', { etag });
        return 'written';
      } catch (error) {
        if (!isConflict(error) && !isMissing(error)) throw error;
        return (await ourRow(table, partition, key, stamp)) ? 'written' : 'conflict';
      }
    },
  };
}
