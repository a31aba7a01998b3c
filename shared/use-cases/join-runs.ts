import type { Attempt } from '../domain/attempt.ts';
import type { Candidate } from '../domain/dispatch-plan.ts';
import { isStaleTurn } from '../domain/index-keys.ts';
import { isSameTask, mayJoin, newcomers, planJoins, withServed } from '../domain/run-sharing.ts';
import { isFinal } from '../domain/task.ts';
import { seconds } from '../domain/time.ts';
import type { OpenWork } from '../ports.ts';
import { type Agenda, dropAgendaRows, readMoreReady } from './agenda.ts';
import { changeAttempt } from './change-attempt.ts';
import { claimTurn } from './claim-turn.ts';
import type { Deps } from './deps.ts';
import { type Told, tellTasks } from './tell-tasks.ts';

/** Runs take a minute at least. Ours. */
const LOOK_EVERY_MS = seconds(30);
/** Of a thousand rows each. */
const MOST_PAGES = 10;

/**
 * Lets tasks that wait join attempts of the same run that are submitted or open. The attempt names them first: from then
 * on whoever looks at it brings them along, so that a crash between the two rows, or the end of the attempt, loses none.
 *
 * @returns how many joined
 */
export async function joinRuns(deps: Deps, agenda: Agenda, work: OpenWork): Promise<number> {
  const attempts = work.attempts.map((a) => a.value);
  const waiting = [...agenda.due, ...agenda.later, ...(await furtherReady(deps, agenda, attempts))];
  const joins = planJoins(attempts, waiting);
  const joined = await Promise.all(
    joins.map(({ attempt, candidates }) =>
      joinOne(deps, attempt, candidates).catch((error: unknown) => {
        deps.log.error('join.failed', { attemptId: attempt.attemptId, error: String(error) });
        return 0;
      }),
    ),
  );
  return joined.reduce((sum, count) => sum + count, 0);
}

/**
 * Who came last stands behind everybody, and would have its turn when what it asks for has long run: now and then all who
 * wait are looked through.
 */
async function furtherReady(deps: Deps, agenda: Agenda, attempts: Attempt[]): Promise<Candidate[]> {
  const further: Candidate[] = [];
  let { continuation } = agenda;
  const machines = new Set(attempts.filter(mayJoin).map(({ machineId }) => machineId));
  if (continuation === undefined || machines.size === 0) return further;
  if (!(await claimTurn(deps, 'last-join', LOOK_EVERY_MS))) return further;
  for (let page = 0; page < MOST_PAGES && continuation !== undefined; page += 1) {
    const more: Agenda = await readMoreReady(deps, continuation, machines);
    further.push(...more.due);
    ({ continuation } = more);
  }
  return further;
}

async function joinOne(deps: Deps, attempt: Attempt, candidates: Candidate[]): Promise<number> {
  const at = deps.clock.now();
  let added: Candidate[] = [];
  const joined = await changeAttempt(deps, attempt, (current) => {
    added = newcomers(current, candidates);
    return added.length === 0 ? undefined : withServed(current, added);
  });
  if (!joined || added.length === 0) return 0;
  deps.checkpoint('join.afterAttempt');
  const served = joined.tasks.filter((task) => added.some((candidate) => isSameTask(candidate, task)));
  const told = await tellTasks(deps, joined, () => [], served);
  deps.checkpoint('join.afterTask');
  const here = told.filter(({ task }) => task?.attemptId === attempt.attemptId && !isFinal(task.state));
  const others = told.filter((one) => !here.includes(one));
  await dropStale(deps, added, others, at);
  if (here.length > 0)
    deps.log.info('action.joined', { attemptId: attempt.attemptId, tasks: here.length, served: joined.tasks.length });
  return here.length;
}

async function dropStale(deps: Deps, candidates: Candidate[], others: Told[], at: number): Promise<void> {
  const stale = candidates.filter((candidate) => {
    const other = others.find(({ served }) => isSameTask(served, candidate));
    return other && isStaleTurn(candidate.key, other.task, at, candidate.writtenAt);
  });
  await dropAgendaRows(
    deps,
    stale.map((c) => c.key),
  );
}
