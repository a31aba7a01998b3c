import type { CollectionRemoval } from '../../ports.ts';
import { kept } from './kept-value.ts';
import type { NextEtag } from './memory-etags.ts';
import type { Partition } from './memory-partition.ts';

/** How collections leave the twin of the table `collections`. Requests of any size lie in memory: none is ever an orphan. */
export function createMemoryRemoval(partitions: Map<string, Partition>, nextEtag: NextEtag): CollectionRemoval {
  return {
    async remove({ value: { collectionId }, etag }, removed) {
      const memory = kept(removed, 'memory of a collection');
      const partition = partitions.get(collectionId);
      if (partition?.etag !== etag || partition.header === undefined) return 'conflict';
      delete partition.header;
      delete partition.request;
      partition.removed = memory;
      partition.etag = nextEtag();
      return 'written';
    },

    async removed(collectionId) {
      const partition = partitions.get(collectionId);
      if (partition?.removed === undefined) return undefined;
      return { value: partition.removed, etag: partition.etag };
    },

    async clear(collectionId, rows) {
      const left = partitions.get(collectionId);
      if (!left) return 0;
      const tasks = left.tasks.page({ from: '', top: rows }).value;
      for (const { taskId } of tasks) left.tasks.remove(taskId);
      const events = left.custody.splice(0, rows - tasks.length);
      return tasks.length + events.length;
    },

    async forget({ value: { collectionId }, etag }) {
      const partition = partitions.get(collectionId);
      if (partition?.removed === undefined || partition.etag !== etag) return 'conflict';
      partitions.delete(collectionId);
      return 'written';
    },

    async sweepRequests() {
      return { swept: 0 };
    },
  };
}
