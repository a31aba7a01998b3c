import { type Block, blockBytesFor, endOf, NO_PIN } from '../../domain/evidence/block-plan.ts';
import type { ResultBody } from '../../ports.ts';
import { createBlockWriter } from './block-writer.ts';
import { damaged, fault, type HoldFault, type HoldResultDeps, type HoldResultTry, isOver } from './held-result.ts';
import { createResultDigest, type ResultDigest } from './result-digest.ts';

/** How often in a row a transfer may break without having brought a block before the try is over. */
const BARREN_BREAKS = 3;

/** What is staged and waits for its commit. `digest` is absent where some of the bytes did not pass through us now. */
export type Streamed =
  | { kind: 'streamed'; stored: { blocks: Block[] } | { whole: Uint8Array }; bytes: number; digest?: ResultDigest }
  | { kind: 'fault'; fault: HoldFault };

/**
 * Brings a result into staged blocks in one pass: hashed in flight, and resumed at the last byte when the connection
 * breaks, where the source has ranges and an ETag proves that it is still the same object.
 * @param first opened at the end of `reused`, the blocks that an earlier try has left
 * @param pin of the object; `NO_PIN` where it cannot be told from another
 */
export async function streamResult(
  deps: HoldResultDeps,
  job: HoldResultTry,
  first: ResultBody,
  { reused, pin }: { reused: Block[]; pin: string },
): Promise<Streamed> {
  const startAt = endOf(reused);
  const { totalBytes } = first;
  const blockBytes = blockBytesFor(totalBytes, job.blockBytes);
  const writer = createBlockWriter({
    evidence: deps.evidence,
    blobName: job.blobName,
    blockBytes,
    pin,
    startAt,
    ...(totalBytes === undefined ? {} : { totalBytes }),
  });
  const digest =
    startAt > 0
      ? undefined
      : createResultDigest({
          commandType: job.commandType,
          clock: deps.clock,
          ...(job.contentLimits ? { limits: job.contentLimits } : {}),
        });
  const take = async (chunk: Uint8Array) => {
    await Promise.all([writer.write(chunk), digest?.write(chunk)]);
  };

  try {
    const received = await receive(deps, job, first, { startAt, blockBytes, resumable: pin !== NO_PIN, take });
    if (received.kind === 'fault') {
      await writer.leave();
      const outOfTime = received.fault.kind === 'outOfTime';
      return outOfTime ? fault({ kind: 'outOfTime', stagedBytes: startAt + writer.stagedBytes() }) : received;
    }
    const finished = await writer.finish();
    return {
      kind: 'streamed',
      stored: 'blocks' in finished ? { blocks: [...reused, ...finished.blocks] } : finished,
      bytes: received.end,
      ...(digest ? { digest: await digest.end() } : {}),
    };
  } finally {
    digest?.abandon();
    await writer.leave();
  }
}

interface Reception {
  startAt: number;
  blockBytes: number;
  resumable: boolean;
  take(chunk: Uint8Array): Promise<void>;
}

type Received = { kind: 'received'; end: number } | { kind: 'fault'; fault: HoldFault };

/** All bytes of the result from `startAt` on, over as many connections as it takes. */
async function receive(
  deps: HoldResultDeps,
  job: HoldResultTry,
  first: ResultBody,
  { startAt, blockBytes, resumable, take }: Reception,
): Promise<Received> {
  let body = first;
  let at = startAt;
  for (let breaks = 0; ; ) {
    const from = at;
    const end = await pump(deps, job, body, async (chunk) => {
      at += chunk.length;
      if (first.totalBytes === undefined || at <= first.totalBytes) await take(chunk);
    });
    if (end.kind === 'outOfTime') return fault({ kind: 'outOfTime', stagedBytes: 0 });
    if (isWhole(at, first.totalBytes, end)) return { kind: 'received', end: at };
    if (first.totalBytes !== undefined && at > first.totalBytes)
      return damaged(`the result is longer than the ${first.totalBytes} bytes that its source announced`);

    breaks = at - from >= blockBytes ? 1 : breaks + 1;
    if (!resumable || breaks > BARREN_BREAKS) return damaged(`${shortfall(at, first.totalBytes)}${why(end)}`);
    deps.log.info('result.resumed', { blobName: job.blobName, from: at });
    const reopened = await reopen(deps, job, first, at);
    if (reopened.kind === 'fault') return isOver(deps, job) ? fault({ kind: 'outOfTime', stagedBytes: 0 }) : reopened;
    body = reopened.body;
  }
}

type PumpEnd = { kind: 'ended' } | { kind: 'broke'; message: string } | { kind: 'outOfTime' };

/** Reads one connection to its end. What the source throws is an end; what `take` throws is thrown. */
async function pump(
  deps: HoldResultDeps,
  job: HoldResultTry,
  body: ResultBody,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<PumpEnd> {
  const chunks = body.body[Symbol.asyncIterator]();
  try {
    for (;;) {
      if (isOver(deps, job)) return { kind: 'outOfTime' };
      const next = await chunks.next().catch((error: unknown) => ({ broke: messageOf(error) }));
      if ('broke' in next) return isOver(deps, job) ? { kind: 'outOfTime' } : { kind: 'broke', message: next.broke };
      if (next.done) return { kind: 'ended' };
      await take(next.value);
    }
  } finally {
    body.close();
  }
}

/** The same object from `from` on, or why it cannot be had. */
export async function reopen(
  { source }: Pick<HoldResultDeps, 'source'>,
  job: HoldResultTry,
  first: ResultBody,
  from: number,
): Promise<{ kind: 'opened'; body: ResultBody } | { kind: 'fault'; fault: HoldFault }> {
  const { etag, totalBytes } = first;
  const opened = await source.open(job.link, {
    from,
    ...(etag === undefined ? {} : { ifMatch: etag }),
    ...(job.signal ? { signal: job.signal } : {}),
  });
  if (!opened.ok) return fault(opened.fault);
  const body = opened.value;
  if (body.etag === etag && body.totalBytes === totalBytes && body.offset === from) return { kind: 'opened', body };
  body.close();
  if (body.etag !== etag || body.totalBytes !== totalBytes) return fault({ kind: 'changed' });
  return damaged('the source does not keep to the range that it was asked for');
}

function isWhole(at: number, totalBytes: number | undefined, end: PumpEnd): boolean {
  return totalBytes === undefined ? end.kind === 'ended' : at === totalBytes;
}

function shortfall(at: number, totalBytes: number | undefined): string {
  return totalBytes === undefined
    ? `the transfer broke after ${at} bytes`
    : `the transfer broke after ${at} of ${totalBytes} bytes`;
}

const why = (end: PumpEnd): string => (end.kind === 'broke' ? `: ${end.message}` : '');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
