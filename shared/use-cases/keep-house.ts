import { ORPHAN_AFTER_MS } from '../domain/retention.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import { claimTurn } from './claim-turn.ts';
import type { Deps } from './deps.ts';
import { forgetRemoved } from './keep-house-forget.ts';
import { removeEnded } from './keep-house-remove.ts';
import { forgetPoisonReasons, POISON_QUEUES } from './poison-reasons.ts';
import { forgetWaking } from './waking-hours.ts';

/** What is left after this time is the next run's. */
const RUN_MS = minutes(10);
/** No other run begins before this one is surely over. */
const TURN_MS = minutes(15);
/** Requests kept beside their rows that one run looks at. */
const REQUESTS_PER_RUN = 1_000;

/** Where a run left off. Absent: it came to the end, and the next begins anew. */
interface Progress {
  /** Row of the list of all collections. */
  after?: string;
  /** Of `sweepRequests`. */
  requests?: string;
}

export interface HouseKept {
  /** Collections whose state went. */
  removed: number;
  /** Removed ones whose memory went as well. */
  forgotten: number;
  /** Requests that nothing named. */
  swept: number;
}

const REGISTER = 'housekeeping';

/**
 * Takes away the state that is not needed any more: of collections that ended long ago, of removed ones that need not be
 * remembered, of requests that a crash left, of devices that were not found awake for long. Never evidence, never open
 * work. Every removal is conditional or may be repeated, or costs a lesson at most, so a crash in the middle, or two runs
 * at once, do no harm. Makes no Defender call.
 *
 * @returns `undefined` when another instance runs, or has just run
 */
export async function keepHouse(deps: Deps): Promise<HouseKept | undefined> {
  const { tenantId } = deps.settings;
  const until = deps.clock.now() + RUN_MS;
  if (!(await claimTurn(deps, 'housekeeping-turn', TURN_MS))) return undefined;
  const stored = await deps.registers.read<Progress>(tenantId, REGISTER);
  // Few reads, and from the first row on each time: it comes before what may take all the time there is.
  await forgetWaking(deps, until);
  const forgotten = await forgetRemoved(deps, until);
  const ended = await removeEnded(deps, until, stored?.value.after);
  const requests = await sweepRequests(deps, stored?.value.requests);
  const progress: Progress = {
    ...(ended.after === undefined ? {} : { after: ended.after }),
    ...(requests.continuation === undefined ? {} : { requests: requests.continuation }),
  };
  // Another run at the same time may have noted its own place, which is as good.
  await deps.registers.write(tenantId, REGISTER, progress, stored?.etag);
  const kept: HouseKept = { removed: ended.removed, forgotten, swept: requests.swept };
  deps.log.info('housekeeping.done', { ...kept, finished: Object.keys(progress).length === 0 });
  await forgetPoisonReasons(deps);
  await reportPoison(deps);
  return kept;
}

async function sweepRequests(deps: Deps, continuation: string | undefined) {
  const before: EpochMs = deps.clock.now() - ORPHAN_AFTER_MS;
  const from = continuation === undefined ? {} : { continuation };
  return deps.collections.sweepRequests({ before, top: REQUESTS_PER_RUN, ...from });
}

/** Messages set aside are a person's to judge: they are told of, never removed. */
async function reportPoison(deps: Deps): Promise<void> {
  for (const queue of POISON_QUEUES) {
    const messages = await deps.queues.depth(queue);
    if (messages > 0) deps.log.warn('housekeeping.poison', { queue, messages });
  }
}
