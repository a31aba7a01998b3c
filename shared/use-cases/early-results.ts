import type { Attempt, ResultJob } from '../domain/attempt.ts';
import type { DefenderFault } from '../ports.ts';
import type { Deps } from './deps.ts';
import { jobsOf } from './finish-attempt.ts';
import type { Told } from './tell-tasks.ts';

/**
 * Has results stored whose command has ended although its action goes on: a script of seconds need not wait for the file
 * of gigabytes behind it, nor for Defender's word that all is over. Who joins the run
 * later gets a copy at the end, from our own store.
 */
export async function archiveEarly(deps: Deps, attempt: Attempt, told: readonly Told[]): Promise<void> {
  if (attempt.linksAtEnd) return;
  for (const job of jobsOf(deps, attempt, told)) {
    const written = await deps.work.commit(job.tenantId, { jobs: [{ value: { ...job, early: true } }] });
    // A conflict: an earlier look has seen to it.
    if (written === 'written') await deps.queues.send('results', { attemptId: job.attemptId, index: job.index });
  }
}

const TOO_EARLY: ReadonlySet<DefenderFault['kind']> = new Set(['notFound', 'refused', 'machineBusy']);

export const isTooEarly = ({ kind }: DefenderFault): boolean => TOO_EARLY.has(kind);

/**
 * Drops an early job for which Defender has no link yet, or no result behind it. The attempt's row is written with it, so that no further one is
 * tried early, and whoever ends the attempt at this moment sees that the job is gone, and makes another.
 *
 * @returns false when the job must go on by itself
 */
export async function leftToTheEnd(deps: Deps, job: ResultJob): Promise<boolean> {
  if (!job.early) return false;
  const { tenantId, attemptId, index } = job;
  const attempt = await deps.work.attempt(tenantId, attemptId);
  const row = await deps.work.job(tenantId, attemptId, index);
  if (attempt?.value.state !== 'open' || !row) return false;
  const told = { ...attempt, value: { ...attempt.value, linksAtEnd: true } };
  return (await deps.work.commit(tenantId, { attempts: [told], removeJobs: [row] })) === 'written';
}
