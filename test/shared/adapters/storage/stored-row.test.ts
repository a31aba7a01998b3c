import type { TableEntityResult } from '@azure/data-tables';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../../../shared/adapters/storage/migrations.ts';
import { type RowEntity, rowEntity, rowValue, storedRow } from '../../../../shared/adapters/storage/stored-row.ts';

const read = (entity: RowEntity) =>
  storedRow({ ...entity, etag: 'W/"1"' } as TableEntityResult<Record<string, unknown>>);

describe('a stored row', () => {
  it('gives any JSON value back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const entity = rowEntity({ partition: 'p', key: 'k', value });
        expect(rowValue(read(entity), 'register')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('holds ASCII alone, in properties that fit', () => {
    const { json0, json1, json2, ...rest } = rowEntity({
      partition: 'p',
      key: 'k',
      value: `${'🕵️'.repeat(3_000)}\u2028`,
    });
    for (const part of [json0, json1]) expect(part).toMatch(/^[ -~]{1,30000}$/);
    expect([json2, rest]).toEqual([undefined, { partitionKey: 'p', rowKey: 'k', schemaVersion: SCHEMA_VERSION }]);
  });

  it('shows columns as one line of a bearable length', () => {
    const entity = rowEntity({
      partition: 'p',
      key: 'k',
      columns: { caseId: `a\r\nb\u2028${'c'.repeat(999)}`, none: undefined },
    });
    expect(entity.caseId).toMatch(/^a {2}b c{250}$/);
    expect(entity).not.toHaveProperty('none');
  });

  it('refuses what does not fit a row', () => {
    expect(() => rowEntity({ partition: 'p', key: 'k', value: 'x'.repeat(450_000) })).toThrow(
      'characters in one row k',
    );
  });

  it('is not read when newer software wrote it, and says what to do', () => {
    const newer = { ...rowEntity({ partition: 'p', key: 'k', value: 1 }), schemaVersion: SCHEMA_VERSION + 1 };
    expect(() => read(newer)).toThrow('a newer Holdfast wrote it, update this one');
  });

  it.each([undefined, 0, 1.5, '1'])('is not read when Holdfast did not write it: version %j', (schemaVersion) => {
    const entity = { ...rowEntity({ partition: 'p', key: 'k', value: 1 }), schemaVersion } as RowEntity;
    expect(() => read(entity)).toThrow('row k has no schema version: Holdfast did not write it');
  });
});
