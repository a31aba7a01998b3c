import type { Collection } from '../../domain/collection.ts';
import type { CustodyEvent } from '../../domain/custody.ts';
import type { CollectionRequest } from '../../domain/request/collection-request.ts';
import { storedLength } from '../../domain/stored-length.ts';
import type { Task } from '../../domain/task.ts';
import type { CollectionStore } from '../../ports.ts';
import { checkCollectionChange, checkEvents, checkTransaction, ROW_CHARACTERS } from './change-limits.ts';
import { custodyRow, HEADER_ROW, taskRow } from './collection-rows.ts';
import { continuationAfter, continuationKey } from './continuation.ts';
import { withCustody } from './custody-sequence.ts';
import type { NextEtag } from './memory-etags.ts';
import type { Partition } from './memory-partition.ts';
import { createMemoryRemoval } from './memory-removal.ts';
import { rowKey } from './row-keys.ts';
import { SortedRows } from './sorted-rows.ts';
import { storedText } from './stored-text.ts';

/** Everything is kept as JSON text: what comes out is a copy, and fields that JSON drops are dropped here too. */
export function createMemoryCollections(nextEtag: NextEtag): CollectionStore {
  const partitions = new Map<string, Partition>();
  const custodyTexts = (events: CustodyEvent[]) =>
    events.map((event) => storedText(event, `row ${custodyRow(event.sequence)}`));

  return {
    ...createMemoryRemoval(partitions, nextEtag),

    async create(header, request, events) {
      checkEvents(events);
      const id = rowKey(header.collectionId, 'collection id');
      const first = withCustody(header, events);
      const partition: Partition = {
        header: storedText(first.header, `row ${HEADER_ROW}`),
        etag: nextEtag(),
        request: JSON.stringify(request),
        tasks: new SortedRows(),
        custody: custodyTexts(first.events),
      };
      checkTransaction([partition.header?.length ?? 0, requestLength(request), ...lengths(partition.custody)]);
      if (partitions.has(id)) return 'exists';
      partitions.set(id, partition);
      return 'created';
    },

    async header(collectionId) {
      const partition = partitions.get(collectionId);
      if (partition?.header === undefined) return undefined;
      return { value: JSON.parse(partition.header) as Collection, etag: partition.etag };
    },

    async request(collectionId) {
      const partition = partitions.get(collectionId);
      return partition?.header === undefined ? undefined : (JSON.parse(partition.request) as CollectionRequest);
    },

    async tasksById(collectionId, taskIds) {
      const tasks = partitions.get(collectionId)?.tasks;
      for (const taskId of taskIds) taskRow(taskId);
      return taskIds
        .map((taskId) => tasks?.get(taskId))
        .filter((text) => text !== undefined)
        .map((text) => JSON.parse(text) as Task);
    },

    async tasks(collectionId, page) {
      const tasks = partitions.get(collectionId)?.tasks;
      return tasks?.page({ from: '', ...page }, (_, text) => JSON.parse(text) as Task) ?? { value: [] };
    },

    async commit(change) {
      checkCollectionChange(change);
      const { tasks = [], removedTaskIds = [], events = [] } = change;
      const next = withCustody(change.header.value, events);
      rowKey(next.header.collectionId, 'collection id');
      const header = storedText(next.header, `row ${HEADER_ROW}`);
      const taskTexts = tasks.map((task) => [task.taskId, storedText(task, `row ${taskRow(task.taskId)}`)] as const);
      for (const taskId of removedTaskIds) taskRow(taskId);
      const custody = custodyTexts(next.events);
      checkTransaction(lengths([header, ...taskTexts.map(([, text]) => text), ...custody]));

      const partition = partitions.get(next.header.collectionId);
      if (partition?.etag !== change.header.etag || partition.header === undefined) return 'conflict';
      if (partition.custody.length + 1 !== change.header.value.nextSequence)
        throw new RangeError('nextSequence belongs to the store and must not be changed');
      partition.header = header;
      partition.etag = nextEtag();
      for (const [taskId, text] of taskTexts) partition.tasks.put(taskId, text);
      for (const taskId of removedTaskIds) partition.tasks.remove(taskId);
      partition.custody.push(...custody);
      return { value: JSON.parse(header) as Collection, etag: partition.etag };
    },

    async custody(collectionId, { top, continuation }) {
      const texts = partitions.get(collectionId)?.custody ?? [];
      const start = Number(continuationKey({ from: '0', to: ':', continuation }) ?? 0);
      const value = texts.slice(start, start + top).map((text) => JSON.parse(text) as CustodyEvent);
      const next = start + value.length;
      return next < texts.length ? { value, continuation: continuationAfter(String(next)) } : { value };
    },
  };
}

const lengths = (texts: readonly string[]): number[] => texts.map((text) => text.length);

/** A request that fits no row lies beside it. */
function requestLength(request: CollectionRequest): number {
  const length = storedLength(request);
  return length > ROW_CHARACTERS ? 0 : length;
}
