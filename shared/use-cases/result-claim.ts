import type { ResultJob } from '../domain/attempt.ts';
import { seconds } from '../domain/time.ts';
import type { EvidenceStore, ResultSource, Versioned } from '../ports.ts';
import type { Deps } from './deps.ts';
import type { HoldResultDeps } from './hold-result/held-result.ts';

/** A claim that is not renewed for this long is taken over: its instance has died. */
const CLAIM_MS = seconds(30);
const RENEW_EVERY_MS = seconds(10);

/** The right to work on one result, kept alive by every piece of it that arrives. */
export interface Claim {
  readonly job: ResultJob;
  /** False when someone else has written the job. */
  save(job: ResultJob): Promise<boolean>;
  /** Renews when it is time. */
  keep(): Promise<void>;
  /** Aborted when the claim was taken over: the other try goes on, this one stops. */
  readonly signal: AbortSignal;
}

/** Counts a try and claims the job; `undefined` when someone else was faster. */
export async function claimJob(deps: Deps, row: Versioned<ResultJob>): Promise<Claim | undefined> {
  let current = row;
  let renewedAt = deps.clock.now();
  const takenOver = new AbortController();
  const save = async (value: ResultJob): Promise<boolean> => {
    const { tenantId, attemptId, index } = value;
    const written = await deps.work.commit(tenantId, { jobs: [{ value, etag: current.etag }] });
    const next = written === 'written' ? await deps.work.job(tenantId, attemptId, index) : undefined;
    // between the two calls another may have taken over, whose claim this is then
    if (next?.value.tries !== value.tries || next.value.nextAt !== value.nextAt) return false;
    current = next;
    return true;
  };
  const tries = row.value.tries + 1;
  if (!(await save({ ...row.value, tries, nextAt: renewedAt + CLAIM_MS }))) return undefined;
  return {
    get job() {
      return current.value;
    },
    save,
    async keep() {
      const now = deps.clock.now();
      if (now - renewedAt < RENEW_EVERY_MS) return;
      renewedAt = now;
      if (!(await save({ ...current.value, nextAt: now + CLAIM_MS }))) takenOver.abort();
    },
    signal: takenOver.signal,
  };
}

/** The archiver's ports, renewing the claim as bytes pass. */
export function keepingClaim(deps: Deps, claim: Claim): HoldResultDeps {
  const results: ResultSource = {
    async open(link, options) {
      const opened = await deps.results.open(link, options);
      if (!opened.ok) return opened;
      return { ok: true, value: { ...opened.value, body: whileKeeping(opened.value.body, claim) } };
    },
  };
  const evidence: EvidenceStore = {
    ...bound(deps.evidence),
    read: async (blobName) => whileKeeping(await deps.evidence.read(blobName), claim),
    async stageBlockFromUrl(...args) {
      await claim.keep();
      return deps.evidence.stageBlockFromUrl(...args);
    },
  };
  return { source: results, evidence, clock: deps.clock, log: deps.log };
}

async function* whileKeeping(body: AsyncIterable<Uint8Array>, claim: Claim): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    await claim.keep();
    yield chunk;
  }
}

function bound(store: EvidenceStore): EvidenceStore {
  return {
    stat: (...args) => store.stat(...args),
    stagedBlocks: (...args) => store.stagedBlocks(...args),
    stageBlock: (...args) => store.stageBlock(...args),
    stageBlockFromUrl: (...args) => store.stageBlockFromUrl(...args),
    commitBlocks: (...args) => store.commitBlocks(...args),
    put: (...args) => store.put(...args),
    read: (...args) => store.read(...args),
    readLink: (...args) => store.readLink(...args),
  };
}
