import { type Fields, type Filter, ODataFault, parseFilter } from './odata-filter.ts';
import { type FieldReader, matches } from './odata-match.ts';

/** A list call's query, parsed. */
export interface ListQuery {
  filter?: Filter;
  top?: number;
  skip: number;
  orderBy: { field: string; descending: boolean }[];
  count: boolean;
}

const OPTIONS = ['$filter', '$top', '$skip', '$orderby', '$count', '$select', '$expand'];
/** @see defender-docs, get-machineactions-collection: the largest page */
const LARGEST_TOP = 10_000;

/** @throws ODataFault naming what is wrong */
export function parseListQuery(query: URLSearchParams, fields: Fields): ListQuery {
  const parsed: ListQuery = { skip: 0, orderBy: [], count: false };
  for (const [name, value] of query) {
    const option = name.toLowerCase();
    if (option.startsWith('$') && !OPTIONS.includes(option)) throw new ODataFault(`Unknown query option '${name}'`);
    if (option === '$filter') parsed.filter = parseFilter(value, fields);
    if (option === '$top') parsed.top = wholeNumber(name, value, LARGEST_TOP);
    if (option === '$skip') parsed.skip = wholeNumber(name, value, Number.MAX_SAFE_INTEGER);
    if (option === '$count') parsed.count = value.toLowerCase() === 'true';
    if (option === '$orderby') parsed.orderBy = value.split(',').map((part) => orderOf(part, fields));
  }
  return parsed;
}

function wholeNumber(name: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > most) throw new ODataFault(`'${value}' is not a value for ${name}`);
  return number;
}

function orderOf(part: string, fields: Fields): { field: string; descending: boolean } {
  const [field = '', direction = 'asc', ...rest] = part.trim().split(/\s+/);
  if (!Object.hasOwn(fields, field)) throw new ODataFault(`Could not find a property named '${field}'`);
  if (rest.length > 0 || !/^(asc|desc)$/i.test(direction)) throw new ODataFault(`Cannot order by '${part}'`);
  return { field, descending: direction.toLowerCase() === 'desc' };
}

export interface Page<Row> {
  rows: Row[];
  /** How many rows match in all. */
  total: number;
  /** `$skip` of the next page; absent on the last one. */
  nextSkip?: number;
}

/** @param candidates rows in the order that an unordered list shows them */
export function pageOf<Row>(
  candidates: Iterable<Row>,
  query: ListQuery,
  reader: (row: Row) => FieldReader,
  pageSize: number,
): Page<Row> {
  const found: Row[] = [];
  const { filter } = query;
  for (const row of candidates) if (filter === undefined || matches(filter, reader(row))) found.push(row);
  if (query.orderBy.length > 0) found.sort((a, b) => compareRows(reader(a), reader(b), query.orderBy));
  const wanted = query.top ?? Number.POSITIVE_INFINITY;
  const end = query.skip + Math.min(wanted, pageSize);
  const page: Page<Row> = { rows: found.slice(query.skip, end), total: found.length };
  if (end < found.length && wanted > pageSize) page.nextSkip = end;
  return page;
}

function compareRows(a: FieldReader, b: FieldReader, orderBy: ListQuery['orderBy']): number {
  for (const { field, descending } of orderBy) {
    const left = a(field) ?? '';
    const right = b(field) ?? '';
    if (left === right) continue;
    return left < right === descending ? 1 : -1;
  }
  return 0;
}

/** The next page's address: the same query with `$skip` moved on and `$top` lessened by what was given. */
export function nextLink(
  address: string,
  query: URLSearchParams,
  given: number,
  page: Page<unknown>,
): string | undefined {
  if (page.nextSkip === undefined) return undefined;
  const next = new URLSearchParams(query);
  for (const name of [...next.keys()]) {
    if (name.toLowerCase() === '$skip') next.delete(name);
    if (name.toLowerCase() === '$top') {
      const left = Number(next.get(name)) - given;
      next.set(name, String(left));
    }
  }
  next.set('$skip', String(page.nextSkip));
  return `${address}?${next}`;
}
