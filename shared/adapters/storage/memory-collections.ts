import type { CustodyEvent } from '../../domain/custody.ts';
import type { Task } from '../../domain/task.ts';
import type { CollectionStore } from '../../ports.ts';
import { checkCollectionChange, checkEvents, checkTransaction, ROW_CHARACTERS } from './change-limits.ts';
import { custodyRow, HEADER_ROW, taskRow } from './collection-rows.ts';
import { continuationAfter, continuationKey } from './continuation.ts';
import { withCustody } from './custody-sequence.ts';
import { kept, keptLength } from './kept-value.ts';
import type { NextEtag } from './memory-etags.ts';
import type { Partition } from './memory-partition.ts';
import { createMemoryRemoval } from './memory-removal.ts';
import { rowKey } from './row-keys.ts';
import { SortedRows } from './sorted-rows.ts';

/** Everything is kept as JSON would bring it back, frozen: what comes out is what lies here, and nobody can change it. */
export function createMemoryCollections(nextEtag: NextEtag): CollectionStore {
  const partitions = new Map<string, Partition>();
  const keptEvents = (events: CustodyEvent[]) =>
    events.map((event) => kept(event, `row ${custodyRow(event.sequence)}`));

  return {
    ...createMemoryRemoval(partitions, nextEtag),

    async create(header, request, events) {
      checkEvents(events);
      const id = rowKey(header.collectionId, 'collection id');
      const first = withCustody(header, events);
      const firstHeader = kept(first.header, `row ${HEADER_ROW}`);
      const asked = kept(request);
      const custody = keptEvents(first.events);
      const requestLength = keptLength(asked);
      // a request that fits no row lies beside it
      checkTransaction([...lengths([firstHeader, ...custody]), requestLength > ROW_CHARACTERS ? 0 : requestLength]);
      const partition = {
        header: firstHeader,
        etag: nextEtag(),
        request: asked,
        tasks: new SortedRows<Task>(),
        custody,
      };
      if (partitions.has(id)) return 'exists';
      partitions.set(id, partition);
      return 'created';
    },

    async header(collectionId) {
      const partition = partitions.get(collectionId);
      return partition?.header && { value: partition.header, etag: partition.etag };
    },

    async request(collectionId) {
      return partitions.get(collectionId)?.request;
    },

    async tasksById(collectionId, taskIds) {
      const tasks = partitions.get(collectionId)?.tasks;
      for (const taskId of taskIds) taskRow(taskId);
      return taskIds.flatMap((taskId) => tasks?.get(taskId) ?? []);
    },

    async tasks(collectionId, page) {
      const tasks = partitions.get(collectionId)?.tasks;
      return tasks?.page({ from: '', ...page }) ?? { value: [] };
    },

    async commit(change) {
      checkCollectionChange(change);
      const { tasks = [], removedTaskIds = [], events = [] } = change;
      const next = withCustody(change.header.value, events);
      rowKey(next.header.collectionId, 'collection id');
      const header = kept(next.header, `row ${HEADER_ROW}`);
      const keptTasks = tasks.map((task) => kept(task, `row ${taskRow(task.taskId)}`));
      for (const taskId of removedTaskIds) taskRow(taskId);
      const custody = keptEvents(next.events);
      checkTransaction(lengths([header, ...keptTasks, ...custody]));

      const partition = partitions.get(next.header.collectionId);
      if (partition?.etag !== change.header.etag || partition.header === undefined) return 'conflict';
      if (partition.custody.length + 1 !== change.header.value.nextSequence)
        throw new RangeError('nextSequence belongs to the store and must not be changed');
      partition.header = header;
      partition.etag = nextEtag();
      for (const task of keptTasks) partition.tasks.put(task.taskId, task);
      for (const taskId of removedTaskIds) partition.tasks.remove(taskId);
      partition.custody.push(...custody);
      return { value: header, etag: partition.etag };
    },

    async custody(collectionId, { top, continuation }) {
      const events = partitions.get(collectionId)?.custody ?? [];
      const start = Number(continuationKey({ from: '0', to: ':', continuation }) ?? 0);
      const value = events.slice(start, start + top);
      const next = start + value.length;
      return next < events.length ? { value, continuation: continuationAfter(String(next)) } : { value };
    },
  };
}

const lengths = (values: readonly object[]): number[] => values.map(keptLength);
