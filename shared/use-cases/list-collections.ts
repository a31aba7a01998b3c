import type { CollectionSummary } from '../contracts/collection-view.ts';
import { type Collection, type CollectionState, collectionState } from '../domain/collection.ts';
import { ForeignContinuation } from '../domain/foreign-continuation.ts';
import { type ListName, listKey, listRange, listsPartition, readListKey } from '../domain/index-keys.ts';
import type { EpochMs } from '../domain/time.ts';
import { caseList, machineList } from './collection-lists.ts';
import type { Deps } from './deps.ts';
import { collectionSummary } from './views/collection-view.ts';

export interface ListFilter {
  caseId?: string;
  machineId?: string;
  state?: CollectionState;
  from?: EpochMs;
  to?: EpochMs;
  top: number;
  /** Opaque, from the page before. */
  continuation?: string;
}

/** Index rows read at a time. */
const PAGE = 200;
/** Rows that one answer looks through; a filter that fits rarely gets a short page with a link to go on. */
const MOST_LOOKED_AT = 2_000;
const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** Collections newest first: one index serves the first filter, the others narrow inside it. */
export async function listCollections(
  deps: Deps,
  filter: ListFilter,
): Promise<{ value: CollectionSummary[]; continuation?: string }> {
  const list = listFor(filter);
  const window = listRange(list, filter);
  const value: CollectionSummary[] = [];
  let after = startOf(filter.continuation, window);
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
    const page = await deps.index.range(listsPartition(deps.settings.tenantId), {
      from: after,
      to: window.to,
      top: PAGE,
    });
    const headers = await Promise.all(page.value.map(({ key }) => headerOf(deps, key)));
    for (const [i, { key }] of page.value.entries()) {
      after = `${key}.`;
      const header = headers[i];
      if (!header || listKey(list, header) !== key || !fits(header, filter)) continue;
      value.push(collectionSummary(header));
      if (value.length === filter.top) return { value, ...(await more(deps, after, window.to)) };
    }
    if (page.continuation === undefined) return { value };
  }
  return { value, continuation: encode(after) };
}

/** The machine's list first: a header does not tell its machines, but it tells the rest. */
function listFor({ machineId, caseId, state }: ListFilter): ListName {
  if (machineId !== undefined) return machineList(machineId);
  if (caseId !== undefined) return caseList(caseId);
  if (state !== undefined) return ENDED.has(state) ? `state|${state}` : 'state|open';
  return 'all';
}

function fits(header: Collection, { caseId, state }: ListFilter): boolean {
  return (
    (caseId === undefined || header.caseId === caseId) && (state === undefined || collectionState(header) === state)
  );
}

async function headerOf(deps: Deps, key: string): Promise<Collection | undefined> {
  const collectionId = readListKey(key);
  return collectionId === undefined ? undefined : (await deps.collections.header(collectionId))?.value;
}

async function more(deps: Deps, after: string, to: string): Promise<{ continuation?: string }> {
  const page = await deps.index.range(listsPartition(deps.settings.tenantId), { from: after, to, top: 1 });
  return page.value.length > 0 ? { continuation: encode(after) } : {};
}

const encode = (after: string): string => Buffer.from(after, 'utf8').toString('base64url');

/** @throws ForeignContinuation when the token is not ours, or of another list */
function startOf(continuation: string | undefined, window: { from: string; to: string }): string {
  if (continuation === undefined) return window.from;
  const after = Buffer.from(continuation, 'base64url').toString('utf8');
  if (after < window.from || after >= window.to || !/^[\w|.-]+$/.test(after)) throw new ForeignContinuation();
  return after;
}
