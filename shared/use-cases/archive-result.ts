import type { ResultJob } from '../domain/attempt.ts';
import { MOST_TRIES, RESULT_FAULT, waitAfter } from '../domain/backoff.ts';
import { doubtedOnce } from '../domain/evidence/doubted-result.ts';
import { type Failure, failureOf } from '../domain/failures/failure-codes.ts';
import { PATIENCE } from '../domain/limits.ts';
import { commandIndexOf, everyone } from '../domain/result-jobs.ts';
import { isSameTask } from '../domain/run-sharing.ts';
import { hours, minutes, seconds } from '../domain/time.ts';
import type { DefenderFault } from '../ports.ts';
import type { Deps } from './deps.ts';
import { isTooEarly, leftToTheEnd } from './early-results.ts';
import type { HoldResult, StoredResult } from './hold-result/held-result.ts';
import { holdResult } from './hold-result/hold-result.ts';
import { type Claim, claimJob, keepingClaim } from './result-claim.ts';
import { isReuseTold } from './reuse-evidence.ts';
import { metadataOf, noteStored, serveOwed, tellOwed } from './share-result.ts';

export interface ResultMessage {
  attemptId: string;
  index: number;
}

/** Kept back from the function's time for recording what was stored. */
const RECORD_MS = seconds(30);
/** A copy holds four blocks in memory, and an instance runs several copies at once (host.json). */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Queues deliver by a clock of their own: a message may come a little before its time. */
const EARLY_MS = seconds(1);
/** A job's own message is late by then, or lost. */
const LATE_MS = seconds(5);
/** While Defender is out of order a result that it holds is not given up before this has passed. Ours. */
const OUTAGE_PATIENCE_MS = hours(3);
/** A store that is out of order is tried again after this. Ours. */
const STORE_FAULT_MS = minutes(1);
/** Copies within our own store that may begin beyond the tries of the result: a crash may end any of them. */
const MOST_COPIES_BEGUN = 12;
/** Longest time that one try may take before another instance takes over. */
const LONGEST_TRY_MS = minutes(25);

/**
 * One try at storing one result: claims the job, asks Defender for a fresh link, copies and verifies, records. Only then
 * is the job removed, so a crash anywhere brings another try, which finds what is there already. Where several tasks are
 * owed the result, Defender is asked for one of them, and the others get copies.
 */
export async function archiveResult(deps: Deps, message: ResultMessage): Promise<void> {
  const { tenantId } = deps.settings;
  const row = await deps.work.job(tenantId, message.attemptId, message.index);
  if (!row || row.value.nextAt > deps.clock.now() + EARLY_MS) return;
  const claim = await claimJob(deps, row);
  if (!claim) return;
  deps.checkpoint('archive.afterClaim');
  if (claim.job.from && !(await isReuseTold(deps, claim.job)))
    return again(deps, claim, { counted: false, waitMs: PATIENCE.senderAtWorkMs });
  if ((claim.job.others ?? claim.job.from) && (await shareStored(deps, claim)) !== 'askDefender') return;
  const { job } = claim;
  if (job.tries > MOST_TRIES.resultBegun)
    return giveUp(deps, claim, 'Every try ended before it was over.', failureOf('ResultNotAvailable'));
  const link = await deps.defender.resultLink(job.machineActionId, job.index);
  if (!link.ok)
    return isTooEarly(link.fault) && (await leftToTheEnd(deps, job)) ? undefined : onNoLink(deps, claim, link.fault);
  deps.checkpoint('archive.afterLink');
  const held = await holdResult(keepingClaim(deps, claim), {
    blobName: job.blobName,
    link: link.value,
    commandType: job.command.type === 'RunScript' ? 'RunScript' : 'GetFile',
    metadata: metadataOf(job, job.task),
    deadlineAt: deps.clock.now() + tryMs(deps),
    signal: claim.signal,
    ...(job.doubted === undefined ? {} : { doubted: job.doubted }),
    blockBytes: BLOCK_BYTES,
    ...deps.settings.copy,
  }).catch((error: unknown) => afterStoreFault(deps, claim, error));
  deps.checkpoint('archive.afterBlob');
  if (held) await record(deps, claim, held);
}

/** What the store throws is no fault of the result's, and costs none of its tries while there is hope. */
async function afterStoreFault(deps: Deps, claim: Claim, error: unknown): Promise<undefined> {
  if (deps.clock.now() >= claim.job.createdAt + OUTAGE_PATIENCE_MS) throw error;
  // The class alone: a message may quote the link.
  const fault = error instanceof Error ? error.name : 'unknown';
  deps.log.warn('result.storeFailed', { ...claim.job.task, index: claim.job.index, fault });
  await again(deps, claim, { counted: false, waitMs: STORE_FAULT_MS });
}

function tryMs(deps: Deps): number {
  return Math.max(seconds(10), Math.min(LONGEST_TRY_MS, deps.settings.functionTimeoutMs - RECORD_MS));
}

async function onNoLink(deps: Deps, claim: Claim, fault: DefenderFault): Promise<void> {
  if (fault.kind === 'budgetSpent' || fault.kind === 'rateLimited')
    return again(deps, claim, {
      counted: false,
      ...(fault.retryAfterMs === undefined ? {} : { waitMs: fault.retryAfterMs }),
    });
  const outage = fault.kind === 'unavailable' && deps.clock.now() < claim.job.createdAt + OUTAGE_PATIENCE_MS;
  if (outage) return afterOutage(deps, claim);
  await failedTry(deps, claim, `Defender gave no link (${fault.kind}).`, failureOf('ResultNotAvailable'));
}

/** An outage says nothing about the result: it costs none of its tries, only ever longer waits. */
async function afterOutage(deps: Deps, claim: Claim): Promise<void> {
  const linkFaults = (claim.job.linkFaults ?? 0) + 1;
  if (!(await claim.save({ ...claim.job, linkFaults }))) return;
  await again(deps, claim, { counted: false, waitMs: waitAfter(RESULT_FAULT, linkFaults, deps.random()) });
}

async function record(deps: Deps, claim: Claim, held: HoldResult): Promise<void> {
  if (held.kind === 'stored') return recordArtifact(deps, claim, held);
  const { fault } = held;
  switch (fault.kind) {
    case 'outOfTime':
      return goOn(deps, claim, fault.stagedBytes);
    case 'hostNotAllowed':
      return giveUp(deps, claim, `The host ${fault.host} is not allowed.`, failureOf('ResultHostNotAllowed'));
    case 'doubtful':
      if (!(await claim.save({ ...claim.job, doubted: doubtedOnce(claim.job.doubted, fault.sha256) }))) return;
      return failedTry(deps, claim, 'The result arrived damaged.', failureOf('ResultDamaged'));
    case 'damaged':
    case 'changed':
      return failedTry(
        deps,
        claim,
        'The result arrived damaged or changed while it was fetched.',
        failureOf('ResultDamaged'),
      );
    case 'linkRefused':
    case 'notFound':
    case 'unavailable':
      // Defender's link may come before the result itself lies behind it.
      if (fault.kind !== 'unavailable' && (await leftToTheEnd(deps, claim.job))) return;
      return failedTry(
        deps,
        claim,
        `The result could not be fetched (${fault.kind}).`,
        failureOf('ResultNotAvailable'),
      );
  }
}

async function recordArtifact(deps: Deps, claim: Claim, held: StoredResult): Promise<void> {
  const { job } = claim;
  await noteStored(deps, job, { ...job.task, blobName: job.blobName }, held);
  deps.checkpoint('archive.afterArtifact');
  if (!job.others && !job.from) return done(deps, job);
  if ((await shareStored(deps, claim)) === 'askDefender') await again(deps, claim, { counted: false, waitMs: 0 });
}

/** Who else is owed the result gets it from our own store. @returns whether somebody is left for whom Defender must be asked */
async function shareStored(deps: Deps, claim: Claim): Promise<'askDefender' | undefined> {
  if (claim.job.tries > MOST_TRIES.resultBegun + MOST_COPIES_BEGUN) return 'askDefender';
  const options = { deadlineAt: deps.clock.now() + tryMs(deps), blockBytes: BLOCK_BYTES };
  const served = await serveOwed(deps, claim, options).catch((error: unknown) => afterStoreFault(deps, claim, error));
  switch (served) {
    case 'all':
      await done(deps, claim.job);
      return undefined;
    case 'outOfTime':
      await again(deps, claim, { counted: true, waitMs: 0 });
      return undefined;
    default:
      return served;
  }
}

async function failedTry(deps: Deps, claim: Claim, error: string, failure: Failure): Promise<void> {
  deps.log.warn('result.tryFailed', { ...claim.job.task, index: claim.job.index, tries: claim.job.tries, error });
  if (claim.job.tries >= MOST_TRIES.result) return giveUp(deps, claim, error, failure);
  await again(deps, claim, { counted: true });
}

async function again(deps: Deps, claim: Claim, how: { counted: boolean; waitMs?: number }): Promise<void> {
  const { attemptId, index, tries } = claim.job;
  const waitMs = how.waitMs ?? waitAfter(RESULT_FAULT, tries, deps.random());
  const nextAt = deps.clock.now() + waitMs;
  const saved = await claim.save({ ...claim.job, tries: how.counted ? tries : tries - 1, nextAt });
  if (saved) await deps.queues.send('results', { attemptId, index }, waitMs);
}

/** Out of time is no failure while the copy gets on; one that does not is counted like any other. */
async function goOn(deps: Deps, claim: Claim, stagedBytes: number): Promise<void> {
  const before = claim.job.stagedBytes ?? 0;
  if (stagedBytes <= before)
    return failedTry(deps, claim, 'The time was over before anything new arrived.', failureOf('ResultNotAvailable'));
  if (await claim.save({ ...claim.job, stagedBytes })) await again(deps, claim, { counted: false, waitMs: 0 });
}

async function giveUp(deps: Deps, claim: Claim, error: string, failure: Failure): Promise<void> {
  await tellOwed(deps, claim.job, {
    type: 'notStored',
    at: deps.clock.now(),
    index: commandIndexOf(claim.job),
    error,
    failure,
  });
  await done(deps, claim.job);
}

/** Removes the job, and closes its attempt when this was its last. */
async function done(deps: Deps, mine: ResultJob): Promise<void> {
  const { tenantId, attemptId, index } = mine;
  for (let round = 0; round < 20; round += 1) {
    const work = await deps.work.load(tenantId);
    const job = work.jobs.find((j) => j.value.attemptId === attemptId && j.value.index === index);
    if (!job) return;
    // The end of its action came meanwhile, with others who are owed the result: it goes on for them.
    const known = everyone(mine);
    if (everyone(job.value).some((one) => !known.some((k) => isSameTask(k, one)))) {
      // Somebody else holds it, and knows them.
      if (job.value.tries !== mine.tries) return;
      const goesOn = { etag: job.etag, value: { ...job.value, nextAt: deps.clock.now() } };
      if ((await deps.work.commit(tenantId, { jobs: [goesOn] })) === 'conflict') continue;
      return deps.queues.send('results', { attemptId, index });
    }
    const attempt = work.attempts.find((a) => a.value.attemptId === attemptId);
    const last = !work.jobs.some((j) => j.value.attemptId === attemptId && j.value.index !== index);
    const isOver = attempt?.value.state === 'archiving' && last;
    // Written also when it goes on: of two jobs that end at once, one must see that it is the last, and whoever ends the
    // attempt now must see that this one is gone.
    const written = await deps.work.commit(tenantId, {
      removeJobs: [job],
      ...(attempt
        ? { attempts: [{ etag: attempt.etag, value: isOver ? { ...attempt.value, state: 'closed' } : attempt.value }] }
        : {}),
    });
    if (written === 'written') return;
  }
}

/** Jobs whose message was lost, or whose instance died; called by heartbeats. */
export async function remindResults(deps: Deps, jobs: readonly ResultJob[]): Promise<void> {
  const overdue = jobs.filter((job) => job.nextAt + LATE_MS <= deps.clock.now());
  for (const { attemptId, index } of overdue) await deps.queues.send('results', { attemptId, index });
}
