import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { Page } from '../../ports.ts';
import { checkTransaction } from './change-limits.ts';
import { continuationAfter, continuationKey, type RowQuery } from './continuation.ts';
import { isConflict, isMissing } from './storage-errors.ts';
import { rowLength, type StoredRow, storedRow } from './stored-row.ts';

/** The service returns at most 1,000 rows an answer. */
const ANSWER_ROWS = 1_000;

/** A point read, one storage transaction. */
export async function readRow(table: TableClient, partition: string, key: string): Promise<StoredRow | undefined> {
  try {
    return storedRow(await table.getEntity(partition, key));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Every row that the filter lets through, in order of key. */
export async function rowsWhere(table: TableClient, filter: string): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const entity of table.listEntities({ queryOptions: { filter } })) rows.push(storedRow(entity));
  return rows;
}

/** Exactly `top` rows while there are as many; one more is asked for, which tells the last page. */
export async function rowPage<T>(
  table: TableClient,
  partition: string,
  query: RowQuery & { to: string },
  row: (row: StoredRow) => T,
): Promise<Page<T>> {
  const found = await firstRows(table, rangeFilter(partition, query), query.top + 1);
  const rows = found.slice(0, query.top);
  const value = rows.map(row);
  const last = rows.at(-1);
  return found.length > query.top && last ? { value, continuation: continuationAfter(last.key) } : { value };
}

function rangeFilter(partition: string, query: RowQuery & { to: string }): string {
  const { from, to } = query;
  const after = continuationKey(query);
  return after === undefined
    ? odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`
    : odata`PartitionKey eq ${partition} and RowKey gt ${after} and RowKey lt ${to}`;
}

async function firstRows(table: TableClient, filter: string, count: number): Promise<StoredRow[]> {
  return (await firstEntities(table, { filter }, count)).map((entity) => storedRow(entity));
}

/** Keys alone of the first rows of a range, whatever version stored them. */
export async function firstKeys(
  table: TableClient,
  partition: string,
  range: { from: string; to: string },
  count: number,
): Promise<string[]> {
  if (count <= 0) return [];
  const filter = rangeFilter(partition, { ...range, top: count });
  const entities = await firstEntities(table, { filter, select: ['RowKey'] }, count);
  return entities.map(({ rowKey = '' }) => rowKey);
}

/** The service may answer with fewer rows than asked for and a continuation, even with none: goes on until it is done. */
async function firstEntities(table: TableClient, queryOptions: { filter: string; select?: string[] }, count: number) {
  const entities = [];
  const pages = table.listEntities({ queryOptions }).byPage({ maxPageSize: Math.min(Math.max(count, 1), ANSWER_ROWS) });
  for await (const page of pages) {
    entities.push(...page);
    if (entities.length >= count) break;
  }
  return entities.slice(0, count);
}

export type Submitted = { kind: 'written'; etags: (string | undefined)[] } | { kind: 'conflict' } | { kind: 'missing' };

/**
 * One entity group transaction: all actions or none.
 * @returns the new etags in the order of the actions; `missing` when a row to change or delete is not there
 * @throws RangeError when they do not fit one transaction
 * @throws whatever else the service says, after the SDK's own retries
 */
export async function submitRows(table: TableClient, actions: TransactionAction[]): Promise<Submitted> {
  checkTransaction(actions.map(([, row]) => rowLength(row)));
  try {
    const { subResponses } = await table.submitTransaction(actions);
    return { kind: 'written', etags: subResponses.map(({ etag }) => etag) };
  } catch (error) {
    if (isConflict(error)) return { kind: 'conflict' };
    if (isMissing(error)) return { kind: 'missing' };
    throw error;
  }
}

/**
 * Whether a write that was answered with a conflict was in fact ours: the SDK repeats a write whose reply got lost, and
 * the repetition then meets what the first try left.
 * @returns the row, when it carries our stamp
 */
export async function ourRow(
  table: TableClient,
  partition: string,
  key: string,
  stamp: string,
): Promise<StoredRow | undefined> {
  const row = await readRow(table, partition, key);
  return row?.stamp === stamp ? row : undefined;
}
