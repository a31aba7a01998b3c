import { randomBytes } from 'node:crypto';
import type { Clock, CollectionStore, Registers, Secrets, SortedIndex, WorkStore } from '../../ports.ts';
import { derivedKey, KEY_BYTES } from './derived-keys.ts';
import { createMemoryCollections } from './memory-collections.ts';
import { createEtags } from './memory-etags.ts';
import { createMemoryIndex } from './memory-index.ts';
import { createMemoryQueues, type MemoryQueues } from './memory-queues.ts';
import { createMemoryRegisters } from './memory-registers.ts';
import { createMemoryWork } from './memory-work.ts';

export interface MemoryState {
  collections: CollectionStore;
  work: WorkStore;
  index: SortedIndex;
  registers: Registers;
  queues: MemoryQueues;
  secrets: Secrets;
}

/**
 * The whole state in memory, with the semantics of the storage adapters (test/contracts/ holds both to them): etags,
 * copies in and out, the same limits. Two of them share nothing.
 * @param clock decides when delayed messages become visible
 */
export function createMemoryState({ clock = systemClock }: { clock?: Clock } = {}): MemoryState {
  const nextEtag = createEtags();
  const master = randomBytes(KEY_BYTES);
  return {
    collections: createMemoryCollections(nextEtag),
    work: createMemoryWork(nextEtag),
    index: createMemoryIndex(),
    registers: createMemoryRegisters(nextEtag),
    queues: createMemoryQueues(clock),
    secrets: { key: async (purpose) => derivedKey(master, purpose) },
  };
}

const systemClock: Clock = { now: () => Date.now() };
