import type { TableEntity, TableEntityResult } from '@azure/data-tables';
import { broughtUp, knownVersion, type RowKind, SCHEMA_VERSION } from './migrations.ts';
import { storedText } from './stored-text.ts';

/** A string property holds 64 KiB in UTF-16, 32,768 characters. */
const PARTS = /.{1,30000}/g;

const COLUMN_CHARACTERS = 255;
const LINE_BREAKERS = /[\p{Cc}\u2028\u2029]/gu;

/** A few plain columns for people who look into the tables; nothing reads them back. */
export type Columns = Record<string, string | number | undefined>;

export type RowEntity = TableEntity<Record<string, string | number>>;

export interface NewRow {
  partition: string;
  key: string;
  /** absent: the row's key, or the blob it names, says it all */
  value?: unknown;
  columns?: Columns;
  /** of this one write, so that a writer who lost the reply can tell its own write from another's */
  stamp?: string;
}

/** A row as it was read. `text` is the value's JSON, empty when there is none. */
export interface StoredRow {
  key: string;
  etag: string;
  /** of its schema */
  version: number;
  text: string;
  stamp?: string;
  blobName?: string;
}

/** @throws RangeError when the value does not fit one row */
export function rowEntity({ partition, key, value, columns = {}, stamp }: NewRow): RowEntity {
  const text = value === undefined ? '' : storedText(value, `row ${key}`);
  const entity: RowEntity = { partitionKey: partition, rowKey: key, schemaVersion: SCHEMA_VERSION };
  for (const [name, column] of Object.entries(columns)) if (column !== undefined) entity[name] = shown(column);
  if (stamp !== undefined) entity.stamp = stamp;
  for (const [index, part] of textParts(text).entries()) entity[`json${index}`] = part;
  return entity;
}

/** How much of a transaction a row takes, in characters. */
export const rowLength = (row: Readonly<Record<string, unknown>>): number => joinedText(row).length;

/** @throws Error when a newer version of the software wrote the row */
export function storedRow(entity: TableEntityResult<Record<string, unknown>>): StoredRow {
  const { rowKey = '', schemaVersion, stamp, blobName } = entity;
  const version = knownVersion(schemaVersion, rowKey);
  const row: StoredRow = { key: rowKey, etag: entity.etag, version, text: joinedText(entity) };
  if (typeof stamp === 'string') row.stamp = stamp;
  if (typeof blobName === 'string') row.blobName = blobName;
  return row;
}

/** The value in today's shape, whichever version stored it. */
export const rowValue = <T>(row: StoredRow, kind: RowKind): T =>
  broughtUp(kind, JSON.parse(row.text), row.version) as T;

/** For people only: one line, whatever was sent as a name. */
const shown = (column: string | number): string | number =>
  typeof column === 'number' ? column : column.slice(0, COLUMN_CHARACTERS).toWellFormed().replace(LINE_BREAKERS, ' ');

const textParts = (text: string): string[] => text.match(PARTS) ?? [];

function joinedText(entity: Record<string, unknown>): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const part = entity[`json${index}`];
    if (typeof part !== 'string') return text;
    text += part;
  }
}
