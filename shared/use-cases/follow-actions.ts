import type { ActionSnapshot } from '../domain/action.ts';
import { observeAction } from '../domain/action-outcome.ts';
import type { Attempt } from '../domain/attempt.ts';
import { nextPollAt, planFollow } from '../domain/follow-plan.ts';
import { seconds } from '../domain/time.ts';
import type { OpenWork } from '../ports.ts';
import { adoptActions } from './adopt-actions.ts';
import { applySightings, type Sighting } from './apply-sightings.ts';
import { watchBlockers } from './blockers.ts';
import { cancelActions } from './cancel-actions.ts';
import { claimTurn } from './claim-turn.ts';
import type { Deps } from './deps.ts';
import { forgetSpent } from './forget-spent.ts';
import { readActions } from './read-actions.ts';
import { wake } from './wake.ts';

/**
 * One poll tick: sees every open action in one list call, moves their tasks, and gives up what must be given up. Safe
 * beside another instance, and to stop anywhere: what was not moved is seen again by the next.
 *
 * @returns whether anything is open, so that a slot may have come free
 */
export async function followActions(deps: Deps): Promise<boolean> {
  const { tenantId } = deps.settings;
  const blockers = await watchBlockers(deps);
  const work = await deps.work.load(tenantId);
  const attempts = work.attempts.map((a) => a.value);
  const plan = planFollow(attempts, deps.clock.now());
  if (plan.list.length + plan.adopt.length + blockers.actionIds.length === 0) {
    await planNextPoll(deps, await forgetSpent(deps, work), false);
    return false;
  }
  if (!(await claimPoll(deps))) {
    // Whoever polls now may have left the next poll to this very tick.
    await planNextPoll(deps, work, blockers.actionIds.length > 0);
    return true;
  }
  await adoptActions(deps, plan.adopt);
  const seen = await readActions(deps, plan, blockers.actionIds);
  await blockers.release(seen);
  await applySightings(deps, sightingsOf(plan.list, seen, deps.clock.now()));
  await cancelActions(deps, seen);
  await planNextPoll(deps, await deps.work.load(tenantId), blockers.actionIds.length > 0);
  return true;
}

function sightingsOf(attempts: Attempt[], seen: ReadonlyMap<string, ActionSnapshot>, now: number): Sighting[] {
  return attempts.flatMap((attempt) => {
    const action = attempt.machineActionId === undefined ? undefined : seen.get(attempt.machineActionId);
    return action ? [{ attempt, observation: observeAction(attempt, action, now) }] : [];
  });
}

/** Blockers of others are looked at as rarely as sleepers. */
const BLOCKERS_EVERY_MS = seconds(15);

async function planNextPoll(deps: Deps, work: OpenWork, watching: boolean): Promise<void> {
  const { pollMinMs, probationMs, limits } = deps.settings;
  const settings = { pollMinMs, probationMs, callsPerHour: limits.callsPerHour };
  const at = nextPollAt(
    work.attempts.map((a) => a.value),
    settings,
    deps.clock.now(),
  );
  if (at !== undefined) await wake(deps, 'poll', at);
  else if (watching) await wake(deps, 'poll', deps.clock.now() + BLOCKERS_EVERY_MS);
}

/** Half of the shortest time between two polls: ticks come a little early or late, and a clock may be a little off. */
const claimPoll = (deps: Deps): Promise<boolean> => claimTurn(deps, 'last-poll', deps.settings.pollMinMs / 2);
