import type { DoubtedResult } from '../../domain/evidence/doubted-result.ts';
import type { ContentNote } from '../../domain/evidence/gzip.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Clock, EvidenceStore, Log, ResultFault, ResultSource } from '../../ports.ts';
import type { ContentLimits } from './gzip-content.ts';

export interface HoldResultDeps {
  source: ResultSource;
  evidence: EvidenceStore;
  clock: Clock;
  log: Log;
}

/** One try of storing one result. */
export interface HoldResultTry {
  blobName: string;
  /** Fresh, good for this try alone. Secret. */
  link: string;
  commandType: 'GetFile' | 'RunScript';
  /** Kept with the blob: ids, no secrets. Names in lowercase letters, digits and `_`, values in ASCII, as Azure wants. */
  metadata: Record<string, string>;
  /** Stop before this instant and leave what is staged to the next try. */
  deadlineAt?: EpochMs;
  /** As `deadlineAt`, but also while nothing arrives. */
  signal?: AbortSignal;
  /** Results from this size on are copied by the storage service; absent: where it is faster. `Infinity`: never. */
  serverCopyFromBytes?: number;
  contentLimits?: ContentLimits;
  /** What the tries before doubted: the same bytes once more are what the source has, and are stored as they come. */
  doubted?: DoubtedResult;
  /** What the bytes must be, where it is known before: they are taken as they come, or not at all. */
  sha256?: string;
  /** Size of the blocks where 50,000 of them suffice; absent: 8 MiB. A copy holds four of them in memory. */
  blockBytes?: number;
}

export type HoldFault =
  | ResultFault
  /** Shorter or longer than announced, or what is stored is not what it should be. A fresh try may heal the first. */
  | { kind: 'damaged'; message: string }
  /** A gzip stream that does not unpack: spoiled on the way, or at its source? `sha256` is that of what arrived. */
  | { kind: 'doubtful'; sha256: string }
  /** Not a failure: `stagedBytes` of the result wait in the store for the next try. */
  | { kind: 'outOfTime'; stagedBytes: number };

/** A result that is stored and proven. Hashes are SHA-256 in lowercase hex, of the stored bytes. */
export interface StoredResult {
  kind: 'stored';
  bytes: number;
  sha256: string;
  /** Of the file itself: what a gzip result unpacks to, or the result where it is none. GetFile only. */
  contentBytes?: number;
  contentSha256?: string;
  /** Why a gzip result has no `contentBytes` and `contentSha256`. */
  contentNote?: ContentNote;
  exitCode?: number;
  /** At most 2,000 characters. */
  scriptOutput?: string;
  scriptErrors?: string;
  /** It was there already: from a try whose end nobody saw, or an earlier attempt; `metadata` says which. */
  alreadyStored: boolean;
  metadata: Record<string, string>;
}

export type HoldResult = StoredResult | { kind: 'fault'; fault: HoldFault };

export const fault = (of: HoldFault): { kind: 'fault'; fault: HoldFault } => ({ kind: 'fault', fault: of });

export const damaged = (message: string) => fault({ kind: 'damaged', message });

/** Whether this try must stop now. */
export function isOver({ clock }: { clock: Clock }, job: HoldResultTry): boolean {
  return job.signal?.aborted === true || (job.deadlineAt !== undefined && clock.now() >= job.deadlineAt);
}
