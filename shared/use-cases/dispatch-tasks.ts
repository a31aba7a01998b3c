import type { Attempt } from '../domain/attempt.ts';
import { type Capacity, capacityOf, holdsSlot } from '../domain/capacity.ts';
import { type Candidate, dependsOnRunTimes, planDispatch, planHolds } from '../domain/dispatch-plan.ts';
import type { Lessons } from '../domain/schedule/lessons.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { OpenWork } from '../ports.ts';
import { type Agenda, readAgenda, readMoreReady } from './agenda.ts';
import type { Deps } from './deps.ts';
import { forgetSpent } from './forget-spent.ts';
import { joinRuns } from './join-runs.ts';
import { readLessons } from './learned-schedule.ts';
import { planTicks } from './plan-ticks.ts';
import { reuseEvidence } from './reuse-evidence.ts';
import { type Intent, saveIntents } from './save-intents.ts';
import { submitIntents } from './submit-intents.ts';
import { wake } from './wake.ts';

/** New attempts in one transaction with the guard. */
const INTENTS_AT_ONCE = 40;
/** Rounds of one tick; another tick goes on where they end. */
const ROUNDS = 25;
/** A turn whose task was not ready for it is looked at again after this: its change may be on its way. */
const LOOK_AGAIN_MS = seconds(5);

/** What the same tick has just read need not be read again. */
export interface KnownToTick {
  agenda?: Agenda;
  lessons?: Lessons;
}

/**
 * One dispatch tick: fills free slots with the tasks whose turn it is, as far as Defender's limits allow. Any number of
 * instances may run it at once; the guard lets one of them win each round.
 *
 * @returns how many submits were made
 */
export async function dispatchTasks(deps: Deps, known: KnownToTick = {}): Promise<number> {
  let submitted = 0;
  let planned = false;
  const passedOver = new Set<string>();
  const end = async (agenda: Agenda, work: OpenWork, gone: ReadonlySet<string>) => {
    planned = true;
    await planTicks(deps, { ...agenda, ...without(agenda, gone) }, work, known.lessons);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const agenda = (round === 0 && known.agenda) || (await readAgenda(deps));
    const work = await forgetSpent(deps, await deps.work.load(deps.settings.tenantId));
    // Who asks for what runs already joins it, which costs Defender nothing.
    if ((await joinRuns(deps, agenda, work)) > 0) continue;
    const chosen = await choose(deps, agenda, work, passedOver, known.lessons);
    if (chosen.length === 0 || !(await deps.canStore())) {
      await end(agenda, work, passedOver);
      break;
    }
    const waiting = [...agenda.due, ...agenda.later];
    if ((await reuseEvidence(deps, chosen, waiting)) > 0) continue;
    const intents = await saveIntents(deps, work.guard, chosen, waiting);
    if (intents === 'conflict') continue;
    const taken = new Set(intents.flatMap(({ tasks }) => tasks.map((task) => task.taskId)));
    for (const { key, taskId } of chosen) if (!taken.has(taskId)) passedOver.add(key);
    submitted += await submitIntents(deps, intents);
    const after = await deps.work.load(deps.settings.tenantId);
    if (!allHold(after, intents) || roomIn(deps, after) > 0) continue;
    // There is no room for anybody else: who waits was read in this round, and need not be read again.
    await end(agenda, after, new Set([...passedOver, ...chosen.map(({ key }) => key)]));
    break;
  }
  if (!planned) await wake(deps, 'dispatch', deps.clock.now());
  if (passedOver.size > 0) await wake(deps, 'dispatch', deps.clock.now() + LOOK_AGAIN_MS);
  return submitted;
}

/** Of those who were refused the tasks wait again. */
const allHold = ({ attempts }: OpenWork, intents: readonly Intent[]): boolean =>
  intents.every(({ attempt: { attemptId } }) =>
    attempts.some(({ value }) => value.attemptId === attemptId && holdsSlot(value)),
  );

/** How many more may be submitted now. */
function roomIn(deps: Deps, { attempts, guard }: OpenWork): number {
  const all = attempts.map((a) => a.value);
  const { permits, slots } = capacityOf(all, guard.value, deps.settings.limits, deps.clock.now());
  return Math.min(permits, slots);
}

const without = ({ due, later }: Agenda, gone: ReadonlySet<string>): Pick<Agenda, 'due' | 'later'> => ({
  due: due.filter(({ key }) => !gone.has(key)),
  later: later.filter(({ key }) => !gone.has(key)),
});

/** Reads on through the ready tasks while those read are of busy devices and room is left. */
async function choose(
  deps: Deps,
  agenda: Agenda,
  work: OpenWork,
  passedOver: ReadonlySet<string>,
  lessons?: Lessons,
): Promise<Candidate[]> {
  const now = deps.clock.now();
  const attempts = work.attempts.map((a) => a.value);
  const capacity = capacityOf(attempts, work.guard.value, deps.settings.limits, now);
  const room = Math.min(capacity.permits, capacity.slots, INTENTS_AT_ONCE);
  if (room === 0) return [];
  const mayGo = ({ key }: Candidate) => !passedOver.has(key);
  let due = agenda.due.filter(mayGo);
  let { continuation, lane } = agenda;
  // Beyond tasks in bulk there is only bulk, which leaves one submit to others.
  const most = (): number => (lane === 'bulk' ? Math.min(room, capacity.bulkPermits) : room);
  const plan = () => planBy(deps, due, { attempts, capacity, now, isWhole: continuation === undefined }, lessons);
  let chosen = await plan();
  while (chosen.length < most() && continuation !== undefined) {
    const more = await readMoreReady(deps, continuation);
    due = [...due, ...more.due.filter(mayGo)];
    ({ continuation, lane } = more);
    chosen = await plan();
  }
  return planHolds(chosen, agenda.later.filter(mayGo), attempts, capacity, now).slice(0, INTENTS_AT_ONCE);
}

/** How long runs take matters only once all who are ready are read: the end of the queue is in sight. */
async function planBy(
  deps: Deps,
  due: Candidate[],
  { attempts, capacity, now, isWhole }: { attempts: Attempt[]; capacity: Capacity; now: EpochMs; isWhole: boolean },
  known: Lessons | undefined,
): Promise<Candidate[]> {
  if (!isWhole || !dependsOnRunTimes(due, capacity)) return planDispatch(due, attempts, capacity, now);
  const { runTimes } = known ?? (await readLessons(deps));
  return planDispatch(due, attempts, capacity, now, runTimes);
}
