import type { Attempt, ResultJob, ServedTask } from '../domain/attempt.ts';
import { everyone, newResultJob, type Owner } from '../domain/result-jobs.ts';
import { isSameTask } from '../domain/run-sharing.ts';
import type { CommandProgress } from '../domain/task.ts';
import { owesResult } from '../domain/task-transitions.ts';
import type { Deps } from './deps.ts';
import { type EventsOf, endAttempt, type Told } from './tell-tasks.ts';

/**
 * Closes an attempt whose action is over, with a job for every result that its tasks still owe. Decided from the tasks as
 * they are, so that a crash between the rows is healed by the next look.
 *
 * @param told the tasks that know of the end; those that have joined since hear of it here
 * @param concerns of them, who is told at all; absent: everybody
 */
export async function finishAttempt(
  deps: Deps,
  attempt: Attempt,
  eventsOf: EventsOf,
  told: Told[],
  concerns: (served: ServedTask) => boolean = () => true,
): Promise<void> {
  let jobs: ResultJob[] = [];
  const ended = await endAttempt(deps, attempt, {
    eventsOf,
    before: told,
    concerns,
    end: async ({ value, etag }, all) => {
      jobs = jobsOf(deps, attempt, all);
      const rows = await Promise.all(jobs.map((job) => besideEarly(deps, job)));
      const over: Attempt = {
        ...value,
        state: jobs.length > 0 ? 'archiving' : 'closed',
        closedAt: deps.clock.now(),
      };
      return { attempts: [{ value: over, etag }], jobs: rows.flatMap((row) => row ?? []) };
    },
  });
  deps.checkpoint('follow.afterJobs');
  if (ended === 'wasOver') return;
  for (const { attemptId, index } of jobs) await deps.queues.send('results', { attemptId, index });
}

/** A job that was begun early goes on, for whoever is owed the result by now; `undefined`: it is for all of them already. */
async function besideEarly(
  deps: Deps,
  job: ResultJob,
): Promise<{ value: ResultJob; etag: string } | { value: ResultJob } | undefined> {
  const row = await deps.work.job(job.tenantId, job.attemptId, job.index);
  if (!row) return { value: job };
  const more = everyone(job).filter((one) => !everyone(row.value).some((known) => isSameTask(known, one)));
  if (more.length === 0) return undefined;
  return { etag: row.etag, value: { ...row.value, others: [...(row.value.others ?? []), ...more] } };
}

/** One job for each result, whoever is owed it: Defender is asked once. */
export function jobsOf(deps: Deps, attempt: Attempt, told: readonly Told[]): ResultJob[] {
  const { attemptId, tenantId, machineId, machineActionId } = attempt;
  if (machineActionId === undefined) return [];
  const served = told.flatMap(({ collection, task, served: { firstIndex = 0 } }): (Owner & { firstIndex: number })[] =>
    collection && task?.attemptId === attemptId ? [{ collection, task, firstIndex }] : [],
  );
  const now = deps.clock.now();
  return attempt.commands.flatMap((command, index): ResultJob[] => {
    const having = (state: (command: CommandProgress) => boolean) =>
      served.filter(({ task, firstIndex }) => task.commands.some((c) => c.index === index - firstIndex && state(c)));
    const owed = having(owesResult);
    const [{ firstIndex } = { firstIndex: 0 }] = owed;
    if (owed.length === 0) return [];
    // Who has it already, stored early, is whom the others copy it from.
    const stored = having(({ artifact }) => artifact !== undefined);
    const own = firstIndex > 0 ? { commandIndex: index - firstIndex } : {};
    const result = { attemptId, tenantId, machineId, machineActionId, index, ...own, command };
    const job = newResultJob(result, [...owed, ...stored], now);
    return job ? [job] : [];
  });
}
