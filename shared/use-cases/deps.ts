import type { DefenderLimits } from '../domain/limits.ts';
import type {
  CallbackSender,
  Clock,
  CollectionStore,
  Defender,
  EvidenceStore,
  Ids,
  Log,
  Queues,
  Random,
  Registers,
  ResultSource,
  Secrets,
  SortedIndex,
  WorkStore,
} from '../ports.ts';
import type { Checkpoint } from './checkpoints.ts';

export interface UseCaseSettings {
  /** Every row, budget and slot is keyed by it. */
  tenantId: string;
  limits: DefenderLimits;
  probationMs: number;
  pollMinMs: number;
  /** Evidence archived so recently, in ms, serves who asks for the same; 0 or absent: never. */
  reuseMs?: number;
  /** How long the state of an ended collection is kept, in ms. */
  retentionMs: number;
  /** Time that one function may take, in ms; archiving stops cleanly before it. */
  functionTimeoutMs: number;
  software: { name: string; version: string };
  /** How results are copied; absent: as suits Azure. Tests make blocks small. In bytes. */
  copy?: { blockBytes?: number; serverCopyFromBytes?: number };
}

/** Everything the use cases may touch. Built once in compose.ts, or of twins in tests. */
export interface Deps {
  clock: Clock;
  ids: Ids;
  random: Random;
  log: Log;
  collections: CollectionStore;
  work: WorkStore;
  index: SortedIndex;
  registers: Registers;
  queues: Queues;
  secrets: Secrets;
  defender: Defender;
  results: ResultSource;
  evidence: EvidenceStore;
  /** Whether evidence can be stored. What devices do is done once, so nothing is begun that could not be kept. */
  canStore(): Promise<boolean>;
  callbacks: CallbackSender;
  settings: UseCaseSettings;
  /** Marks a named point; a crash test ends the process here. */
  checkpoint(point: Checkpoint): void;
}
