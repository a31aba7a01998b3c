import type { ActionSnapshot } from '../domain/action.ts';
import { observeAction, withTimes } from '../domain/action-outcome.ts';
import type { Attempt, SubmitGuard } from '../domain/attempt.ts';
import { holdsSlot } from '../domain/capacity.ts';
import { planFollow } from '../domain/follow-plan.ts';
import { type Lessons, lessonsOf } from '../domain/schedule/lessons.ts';
import { shortestPollMs } from '../domain/schedule/next-poll.ts';
import { afterShown } from '../domain/session-limit.ts';
import { type EpochMs, seconds } from '../domain/time.ts';
import type { OpenWork } from '../ports.ts';
import { adoptActions } from './adopt-actions.ts';
import { applySightings, type Sighting } from './apply-sightings.ts';
import { watchBlockers } from './blockers.ts';
import { cancelActions } from './cancel-actions.ts';
import { changeGuard } from './change-attempt.ts';
import { claimTurn } from './claim-turn.ts';
import type { Deps } from './deps.ts';
import { forgetSpent } from './forget-spent.ts';
import { keepLessons } from './learned-schedule.ts';
import { readActions } from './read-actions.ts';
import { wakePoll } from './wake.ts';
import { rememberWaking } from './waking-hours.ts';

/** Blockers of others are looked at as rarely as sleepers. In ms. */
const BLOCKERS_EVERY_MS = seconds(15);

export interface Followed {
  /** A dispatch should follow: it fills slots that came free, and plans the next poll. */
  goesOn: boolean;
  /** Those that it learned from, or by. */
  lessons?: Lessons;
}

/**
 * One poll tick: sees every open action in one list call, moves their tasks, and gives up what must be given up. Safe
 * beside another instance, and to stop anywhere: what was not moved is seen again by the next.
 *
 * @param known the open work, if the same tick has just read it
 */
export async function followActions(deps: Deps, known?: OpenWork): Promise<Followed> {
  const { tenantId, pollMinMs, limits } = deps.settings;
  const blockers = await watchBlockers(deps);
  const work = known ?? (await deps.work.load(tenantId));
  const attempts = work.attempts.map((a) => a.value);
  const plan = planFollow(attempts, deps.clock.now());
  const { callsPerHour } = limits;
  if (blockers.actionIds.length > 0)
    await wakePoll(deps, Math.max(BLOCKERS_EVERY_MS, shortestPollMs({ pollMinMs, callsPerHour })));
  if (plan.list.length + plan.adopt.length + blockers.actionIds.length === 0) {
    await forgetSpent(deps, work);
    return { goesOn: attempts.some(holdsSlot) };
  }
  if (!(await claimPoll(deps))) return { goesOn: true };
  await adoptActions(deps, plan.adopt);
  const askedAt = deps.clock.now();
  const { seen, refusedMs } = await readActions(deps, plan, blockers.actionIds);
  // A list that was refused, or broke, tells nothing of when results are due.
  if (refusedMs !== undefined) await wakePoll(deps, Math.max(pollMinMs, refusedMs));
  await blockers.release(seen);
  const sightings = sightingsOf(plan.list, seen, deps.clock.now());
  await applySightings(deps, sightings);
  const looks = looksOf(sightings, deps.clock.now());
  const lessons = await keepLessons(
    deps,
    looks.flatMap(({ before, after }) => lessonsOf(before, after, deps.settings.probationMs)),
  );
  await rememberWaking(deps, looks);
  await cancelActions(deps, seen, lessons);
  await learnSessions(deps, work.guard.value, sightings, askedAt);
  return { goesOn: true, lessons };
}

/** @param known the guard before anything was seen: what it has learned already costs no look at the one of now */
async function learnSessions(
  deps: Deps,
  known: SubmitGuard,
  sightings: readonly Sighting[],
  askedAt: EpochMs,
): Promise<void> {
  const shown = { count: sightings.filter(({ observation }) => observation.kind === 'open').length, askedAt };
  const learn = (guard: SubmitGuard) => afterShown(guard, shown, deps.settings.limits, deps.clock.now());
  if (learn(known) !== known) await changeGuard(deps, learn);
}

function sightingsOf(attempts: Attempt[], seen: ReadonlyMap<string, ActionSnapshot>, now: number): Sighting[] {
  return attempts.flatMap((attempt) => {
    const action = attempt.machineActionId === undefined ? undefined : seen.get(attempt.machineActionId);
    return action ? [{ attempt, observation: observeAction(attempt, action, now) }] : [];
  });
}

/** The attempts as they were, and with what was seen of them. */
const looksOf = (sightings: Sighting[], now: EpochMs): { before: Attempt; after: Attempt }[] =>
  sightings.map(({ attempt, observation }) => {
    const begun = observation.kind === 'ended' || (observation.kind === 'open' && observation.begun);
    return { before: attempt, after: withTimes(attempt, begun, observation.times ?? {}, now) };
  });

/** Half of the shortest time between two polls: ticks come a little early or late, and a clock may be a little off. */
const claimPoll = (deps: Deps): Promise<boolean> => claimTurn(deps, 'last-poll', deps.settings.pollMinMs / 2);
