import type { ActionSnapshot, Machine } from './domain/action.ts';
import type { Attempt, ResultJob, SubmitGuard } from './domain/attempt.ts';
import type { Collection } from './domain/collection.ts';
import type { CustodyEntry, CustodyEvent } from './domain/custody.ts';
import type { CollectionRequest, Command } from './domain/request/collection-request.ts';
import type { RemovedCollection } from './domain/retention.ts';
import type { Task } from './domain/task.ts';
import type { EpochMs } from './domain/time.ts';

/**
 * What the use cases need of the world. Each port has one adapter for the real thing and one in-memory twin, and one
 * contract suite (test/contracts/) that both pass.
 */

// ── time, ids, chance ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Clock {
  now(): EpochMs;
}

export interface Ids {
  /** A new UUIDv7. */
  next(): string;
}

/** A number in [0, 1). */
export type Random = () => number;

/** Structured log. `event` is a stable dotted name; fields are ids and numbers, never a secret, link or file content. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

// ── state ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A stored value with the version that a conditional write must name. */
export interface Versioned<T> {
  value: T;
  etag: string;
}

export type Written = 'written' | 'conflict';

export interface Page<T> {
  value: T[];
  /** Opaque; absent on the last page. */
  continuation?: string;
}

/** One change of a collection: its header, some of its tasks and the custody entries that tell of it, all or nothing. */
export interface CollectionChange {
  /** As loaded, with the new value. The write happens only if nobody wrote the header since. */
  header: Versioned<Collection>;
  /** New or changed tasks, at most 40. */
  tasks?: Task[];
  /** Tasks that turned out to be the same device as another. */
  removedTaskIds?: string[];
  /** Appended with the sequence numbers that follow `header.value.nextSequence`, which the store advances. At most 50. */
  events?: CustodyEntry[];
}

/** How the state of ended collections goes, step by step, so that a crash between two of them leaves nothing half shown. */
export interface CollectionRemoval {
  /**
   * Atomic: the header goes, and what is remembered takes the place of the request. From then on the collection is
   * neither read nor created anew. `conflict`: somebody wrote the header since, or removed it.
   */
  remove(header: Versioned<Collection>, removed: RemovedCollection): Promise<Written>;
  removed(collectionId: string): Promise<Versioned<RemovedCollection> | undefined>;
  /** Takes away at most `rows` tasks and custody events of a removed collection. Returns how many; fewer: no more are left. */
  clear(collectionId: string, rows: number): Promise<number>;
  /** Gives the id free. `conflict`: somebody has done so. */
  forget(removed: Versioned<RemovedCollection>): Promise<Written>;
  /**
   * Takes away requests kept beside their rows that no row names, stored before `before`: what a crash of `create`, or of
   * a removal, left. Looks at `top` of them.
   */
  sweepRequests(page: {
    before: EpochMs;
    top: number;
    continuation?: string;
  }): Promise<{ swept: number; continuation?: string }>;
}

/** Headers, requests, tasks and custody events; everything of one collection lies in one partition. */
export interface CollectionStore extends CollectionRemoval {
  /** Atomic: header, request and first events together, or `exists` when the id is taken, also by a removed one. */
  create(header: Collection, request: CollectionRequest, events: CustodyEntry[]): Promise<'created' | 'exists'>;
  header(collectionId: string): Promise<Versioned<Collection> | undefined>;
  request(collectionId: string): Promise<CollectionRequest | undefined>;
  /** Tasks by id, absent ones left out. */
  tasksById(collectionId: string, taskIds: string[]): Promise<Task[]>;
  /** In order of taskId. */
  tasks(collectionId: string, page: { top: number; continuation?: string }): Promise<Page<Task>>;
  /** Returns the header's new version, or `conflict`. */
  commit(change: CollectionChange): Promise<Versioned<Collection> | 'conflict'>;
  /** Oldest first. */
  custody(collectionId: string, page: { top: number; continuation?: string }): Promise<Page<CustodyEvent>>;
}

/** Everything of one tenant that the scheduler must see at once: the guard, attempts that are not gone, results to store. */
export interface OpenWork {
  guard: Versioned<SubmitGuard>;
  attempts: Versioned<Attempt>[];
  jobs: Versioned<ResultJob>[];
}

/** One atomic change of a tenant's open work (at most 100 rows). Rows without etag are new: an existing one is a conflict. */
export interface WorkChange {
  /** Present: the change happens only if nobody wrote the guard since it was loaded. */
  guard?: Versioned<SubmitGuard>;
  attempts?: (Versioned<Attempt> | { value: Attempt })[];
  jobs?: (Versioned<ResultJob> | { value: ResultJob })[];
  removeAttempts?: Versioned<Attempt>[];
  removeJobs?: Versioned<ResultJob>[];
}

export interface WorkStore {
  /** A tenant never seen has a guard with `refusals: 0` and an etag that makes the first write an insert. */
  load(tenantId: string): Promise<OpenWork>;
  attempt(tenantId: string, attemptId: string): Promise<Versioned<Attempt> | undefined>;
  job(tenantId: string, attemptId: string, index: number): Promise<Versioned<ResultJob> | undefined>;
  commit(tenantId: string, change: WorkChange): Promise<Written>;
}

/** A sorted set of small rows per partition: agendas and lists. Keys hold only `[A-Za-z0-9|._-]`. */
export interface IndexRow {
  key: string;
  value?: Record<string, string | number>;
}

export interface SortedIndex {
  /** Upserts, then removals (a missing row is no error). Any number; batches are not atomic beyond 100 upserts. */
  write(partition: string, rows: { put?: IndexRow[]; remove?: string[] }): Promise<void>;
  /** Rows with `from <= key < to` in ascending order of key. */
  range(
    partition: string,
    query: { from: string; to: string; top: number; continuation?: string },
  ): Promise<Page<IndexRow>>;
}

/** Small JSON documents changed by compare-and-set: call budgets, wake-ups, heartbeats. */
export interface Registers {
  read<T>(tenantId: string, name: string): Promise<Versioned<T> | undefined>;
  /** Without etag: only if absent. */
  write<T>(tenantId: string, name: string, value: T, etag?: string): Promise<Written>;
}

export type QueueName = 'ticks' | 'collections' | 'results';

export interface Queues {
  /** At least once, not surely: whatever a message should have moved, a heartbeat derives again. */
  send(queue: QueueName, message: Record<string, unknown>, delayMs?: number): Promise<void>;
  /** Unchanged text to `<queue>-poison`. */
  sendText(queue: string, text: string): Promise<void>;
  /** Approximate number of messages; 0 when the queue does not exist. */
  depth(queue: string): Promise<number>;
}

/** Random keys kept once in a private blob of the state storage; derived per purpose, never stored elsewhere. */
export interface Secrets {
  /** 32 bytes for one purpose, for example `operation-token` or `callback-address`. */
  key(purpose: string): Promise<Uint8Array>;
}

// ── Defender ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Why a Defender call gave no value. Five different things stay five different things. */
export type DefenderFault =
  | { kind: 'rateLimited'; retryAfterMs?: number; message: string }
  /** 400 ActiveRequestAlreadyExists */
  | { kind: 'machineBusy'; message: string }
  | { kind: 'notFound'; code: string; message: string }
  /** Any other 4xx, and 401 after one new token: no retry heals it. */
  | { kind: 'refused'; httpStatus: number; code: string; message: string }
  /** 5xx, reset, time-out, empty or unreadable body. `reached`: the call may have taken effect. */
  | { kind: 'unavailable'; httpStatus?: number; message: string; retryAfterMs?: number; reached: boolean }
  /** Our own budget for this endpoint is spent; the call was not made. */
  | { kind: 'budgetSpent'; retryAfterMs: number };

export type Reply<T> = { ok: true; value: T } | { ok: false; fault: DefenderFault };

export type { ActionCommand, ActionCommandStatus, ActionSnapshot, ActionStatus, Machine } from './domain/action.ts';

export interface DefenderPage<T> {
  value: T[];
  /** Address or offset of the next page, for `page`. */
  next?: string;
}

/**
 * One method per endpoint and exactly one HTTP call per invocation (two when a 401 made a new token necessary), so that
 * calls can be budgeted. Never throws for anything that Defender or the network does.
 */
export interface Defender {
  submit(run: { machineId: string; commands: Command[]; comment: string }): Promise<Reply<ActionSnapshot>>;
  /** At most 100 ids; of a machine newest first. Entries that cannot be read are left out and logged, they never sink the page. */
  listActions(
    query: { ids: string[] } | { machineId: string },
    page?: string,
  ): Promise<Reply<DefenderPage<ActionSnapshot>>>;
  action(machineActionId: string): Promise<Reply<ActionSnapshot>>;
  cancel(machineActionId: string, comment: string): Promise<Reply<ActionSnapshot>>;
  /** A fresh link, valid for about 30 minutes. Secret: never stored, logged or shown. */
  resultLink(machineActionId: string, index: number): Promise<Reply<string>>;
  /** No recent machines (404) is an empty page. */
  machines(page?: string): Promise<Reply<DefenderPage<Machine>>>;
  /** By machine id or computer name. */
  machine(idOrName: string): Promise<Reply<Machine>>;
  machinesByIp(ipAddress: string, at: EpochMs): Promise<Reply<Machine[]>>;
}

// ── results and evidence ─────────────────────────────────────────────────────────────────────────────────────────────

export type ResultFault =
  /** The link's host is not on the list (redirects too): nothing was fetched. */
  | { kind: 'hostNotAllowed'; host: string }
  /** 403: expired or refused; a fresh link may heal it. */
  | { kind: 'linkRefused' }
  | { kind: 'notFound' }
  /** 412, or another length or ETag than at the start: the source is not the same object any more. */
  | { kind: 'changed' }
  | { kind: 'unavailable'; httpStatus?: number; message: string };

export interface ResultBody {
  /** Bytes from `from` on. Ends early, or throws, when the connection breaks: the reader compares lengths. */
  body: AsyncIterable<Uint8Array>;
  /** First byte of `body`: 0 when the source ignored the range. */
  offset: number;
  /** Of the whole result, where the source tells. */
  totalBytes?: number;
  /** Strong ones only: what pieces of one object have in common. */
  etag?: string;
  acceptsRanges: boolean;
  /** Ends the transfer, read or not. To be called by whoever does not read to the end. */
  close(): void;
}

/** Fetches results by link; never sends an Authorization header; follows redirects only to allowed hosts. */
export interface ResultSource {
  open(
    link: string,
    options?: { from?: number; ifMatch?: string; signal?: AbortSignal },
  ): Promise<{ ok: true; value: ResultBody } | { ok: false; fault: ResultFault }>;
}

export interface StagedBlock {
  blockId: string;
  bytes: number;
}

/** The evidence container. Nothing in it is ever overwritten. `blobName` is the path without the container. */
export interface EvidenceStore {
  stat(blobName: string): Promise<{ bytes: number; metadata: Record<string, string> } | undefined>;
  /** Uncommitted blocks of an interrupted copy, in the order staged or by id. */
  stagedBlocks(blobName: string): Promise<StagedBlock[]>;
  /** Verified in transit by MD5 or CRC64. `blockId` is base64 and of one length within a blob. */
  stageBlock(blobName: string, blockId: string, bytes: Uint8Array): Promise<void>;
  /**
   * Server side; throws when the source or the service refuses. Nothing binds the call to one version of the source:
   * whoever calls it must see the same ETag before and after. Returns the CRC64 (16 lowercase hex digits, most
   * significant first) that the service computed of what it stored, where it tells.
   */
  stageBlockFromUrl(
    blobName: string,
    blockId: string,
    source: { link: string; offset: number; bytes: number },
  ): Promise<{ crc64?: string }>;
  /** One commit, create-once (`If-None-Match: *`). */
  commitBlocks(
    blobName: string,
    blockIds: string[],
    properties: { contentType: string; metadata: Record<string, string> },
  ): Promise<'stored' | 'exists'>;
  /** A small blob in one create-once call. */
  put(
    blobName: string,
    bytes: Uint8Array,
    properties: { contentType: string; metadata: Record<string, string> },
  ): Promise<'stored' | 'exists'>;
  /** The stored bytes; throws when absent. */
  read(blobName: string): Promise<AsyncIterable<Uint8Array>>;
  /** A short-lived read-only link to one blob of ours. Secret. */
  readLink(blobName: string, expiresAt: EpochMs): Promise<string>;
}

// ── callers and callbacks ────────────────────────────────────────────────────────────────────────────────────────────

export interface CallbackSender {
  /** One POST, no redirects, at most 15 s. Never throws. */
  post(url: string, body: unknown): Promise<{ httpStatus?: number; message?: string }>;
}
