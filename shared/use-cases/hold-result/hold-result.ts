import {
  type Block,
  blockBytesFor,
  blockId,
  endOf,
  NO_PIN,
  reusablePrefix,
  sourcePin,
} from '../../domain/evidence/block-plan.ts';
import { serverCopyPays } from '../../domain/evidence/copy-route.ts';
import { provesItself } from '../../domain/evidence/doubted-result.ts';
import type { ResultBody } from '../../ports.ts';
import { copyByService } from './copy-by-service.ts';
import {
  damaged,
  fault,
  type HoldFault,
  type HoldResult,
  type HoldResultDeps,
  type HoldResultTry,
  isOver,
} from './held-result.ts';
import { readBack } from './read-back.ts';
import type { ResultDigest } from './result-digest.ts';
import { scriptFields } from './script-fields.ts';
import { reopen, type Streamed, streamResult } from './stream-result.ts';

/** Evidence is served as bytes and never interpreted. */
const CONTENT_TYPE = 'application/octet-stream';

/** Doubtful results up to this size are fetched anew, whole and in one try. */
const FETCHED_ANEW_BYTES = 256 * 1024 ** 2;

const NOT_THOSE = damaged('the bytes are not those that were told');

const outOfTime = fault({ kind: 'outOfTime', stagedBytes: 0 });

/**
 * One try of storing one result: from its link into the evidence container, whole, once and proven, or the reason why
 * not. Run twice, or stopped at any line and run again, it ends in the same blob: staged blocks are found again by
 * their ids, a blob that is there already is read back and taken as what it is. Throws only what the store throws.
 */
export async function holdResult(deps: HoldResultDeps, job: HoldResultTry): Promise<HoldResult> {
  if (await deps.evidence.stat(job.blobName)) return provenStored(deps, job);
  const opened = await deps.source.open(job.link, job.signal ? { signal: job.signal } : {});
  if (!opened.ok) return job.signal?.aborted ? outOfTime : fault(opened.fault);

  const transferred = await transfer(deps, job, opened.value);
  if (transferred.kind !== 'fault') return commit(deps, job, transferred);
  // a source that is cut off because the time is over is not to blame
  return isOver(deps, job) && transferred.fault.kind === 'unavailable' ? outOfTime : transferred;
}

type Transferred = Streamed;

/** Everything up to the commit: what earlier tries left, then by the service where that pays, then through us. */
async function transfer(deps: HoldResultDeps, job: HoldResultTry, first: ResultBody): Promise<Transferred> {
  const object = identityOf(first);
  let reused = object ? await leftBefore(deps, job, object) : [];
  if (object && serverCopyPays({ ...object, link: job.link, acceptsRanges: true }, job.serverCopyFromBytes)) {
    first.close();
    const copied = await copyByService(deps, job, object, reused);
    if (copied.end === 'outOfTime') return fault({ kind: 'outOfTime', stagedBytes: endOf(copied.blocks) });
    if (copied.end === 'whole') return stillTheSame(deps, job, first, copied.blocks);
    reused = copied.blocks;
  } else if (reused.length === 0) {
    return streamResult(deps, job, first, { reused, pin: object?.pin ?? NO_PIN });
  }
  first.close();
  if (endOf(reused) === first.totalBytes) {
    // Blocks that another try had copied after we opened the source are of this object only if it is still there.
    const copied = reused.some(({ sha256 }) => sha256 === undefined);
    return copied ? stillTheSame(deps, job, first, reused) : asStreamed(reused);
  }
  const reopened = await reopen(deps, job, first, endOf(reused));
  if (reopened.kind === 'fault') return reopened;
  return streamResult(deps, job, reopened.body, { reused, pin: object?.pin ?? NO_PIN });
}

interface ObjectIdentity {
  etag: string;
  totalBytes: number;
  pin: string;
}

/** Only what has ranges, a strong ETag and a length can be put together from pieces of several tries. */
function identityOf({ etag, totalBytes, acceptsRanges }: ResultBody): ObjectIdentity | undefined {
  if (!acceptsRanges || etag === undefined || totalBytes === undefined) return undefined;
  return { etag, totalBytes, pin: sourcePin(etag, totalBytes) };
}

async function leftBefore(deps: HoldResultDeps, job: HoldResultTry, object: ObjectIdentity): Promise<Block[]> {
  if (job.doubted !== undefined || object.totalBytes <= blockBytesFor(object.totalBytes, job.blockBytes)) return [];
  const blocks = reusablePrefix(await deps.evidence.stagedBlocks(job.blobName), object.pin);
  return endOf(blocks) <= object.totalBytes ? blocks : [];
}

/** An ETag never comes back: seen before and after the copies, it was there during them. */
async function stillTheSame(
  deps: HoldResultDeps,
  job: HoldResultTry,
  first: ResultBody,
  blocks: Block[],
): Promise<Transferred> {
  const seen = await reopen(deps, job, first, endOf(blocks) - 1);
  if (seen.kind === 'fault') return seen;
  seen.body.close();
  return asStreamed(blocks);
}

const asStreamed = (blocks: Block[]): Transferred => ({ kind: 'streamed', stored: { blocks }, bytes: endOf(blocks) });

/** Makes the blob, once, and proves it: its length, and its hash where it was not taken in passing. */
async function commit(
  deps: HoldResultDeps,
  job: HoldResultTry,
  { stored, bytes, digest }: Extract<Transferred, { kind: 'streamed' }>,
): Promise<HoldResult> {
  if (digest && job.sha256 !== undefined && job.sha256 !== digest.sha256) return NOT_THOSE;
  if (digest && isDoubtful(job, digest)) return fault({ kind: 'doubtful', sha256: digest.sha256 });
  const metadata = { ...job.metadata, resultbytes: String(bytes), ...(digest ? { sha256: digest.sha256 } : {}) };
  const properties = { contentType: CONTENT_TYPE, metadata };
  const made =
    'whole' in stored
      ? await deps.evidence.put(job.blobName, stored.whole, properties)
      : await deps.evidence.commitBlocks(job.blobName, stored.blocks.map(blockId), properties);
  if (made === 'exists') return provenStored(deps, job);

  const stat = await deps.evidence.stat(job.blobName);
  if (stat?.bytes !== bytes) return damaged(`${stat?.bytes ?? 'no'} bytes are stored of a result of ${bytes}`);
  if (digest) return asHeld(digest, { alreadyStored: false, metadata });
  const read = await readBack(deps, job, { bytes, ...('blocks' in stored ? { blocks: stored.blocks } : {}) });
  return read.kind === 'fault' ? read : asHeld(read.digest, { alreadyStored: false, metadata });
}

/** Defender tells no hash: only the stream's own checksum, and a second look, tell what was spoiled on its way. */
const isDoubtful = (job: HoldResultTry, digest: ResultDigest): boolean =>
  job.sha256 === undefined &&
  digest.contentNote === 'contentDamaged' &&
  digest.bytes <= FETCHED_ANEW_BYTES &&
  !provesItself(job.doubted, digest.sha256);

/** A blob that is there already, proven by its own bytes against what was written with it. */
async function provenStored(deps: HoldResultDeps, job: HoldResultTry): Promise<HoldResult> {
  const stat = await deps.evidence.stat(job.blobName);
  if (!stat) return damaged('the stored result is not there any more');
  const { metadata, bytes } = stat;
  if (metadata.resultbytes !== String(bytes))
    return damaged(`what is stored under this name has ${bytes} bytes and is no whole result of ours`);
  const read = await readBack(deps, job, { bytes });
  if (read.kind === 'fault') return read;
  if (job.sha256 !== undefined && job.sha256 !== read.digest.sha256) return NOT_THOSE;
  if (metadata.sha256 !== undefined && metadata.sha256 !== read.digest.sha256)
    return damaged('the stored bytes do not have the SHA-256 that was written with them');
  return asHeld(read.digest, { alreadyStored: true, metadata });
}

function asHeld(
  { script, ...digest }: ResultDigest,
  stored: { alreadyStored: boolean; metadata: Record<string, string> },
): Exclude<HoldResult, { fault: HoldFault }> {
  return { kind: 'stored', ...digest, ...(script ? scriptFields(script) : {}), ...stored };
}
