import { goesToRest, type Observation, withTimes } from '../domain/action-outcome.ts';
import type { Attempt } from '../domain/attempt.ts';
import { ownPart } from '../domain/combined-reads.ts';
import { eventsOfObservation } from '../domain/follow-events.ts';
import { PATIENCE } from '../domain/limits.ts';
import { isSameTask, isUntellable, untoldSince } from '../domain/run-sharing.ts';
import { fittingOneTransaction } from '../domain/stored-length.ts';
import type { EpochMs } from '../domain/time.ts';
import { changeAttempt } from './change-attempt.ts';
import type { Deps } from './deps.ts';
import { eachAlone } from './each-alone.ts';
import { archiveEarly } from './early-results.ts';
import { finishAttempt } from './finish-attempt.ts';
import { type EventsOf, type Told, tellCollection, type Word } from './tell-tasks.ts';
import { wakingHours } from './waking-hours.ts';

/** Tasks of one collection that one transaction moves: each brings at most four custody entries. */
const TASKS_AT_ONCE = 12;

/** One look at an action, and what it says. */
export interface Sighting {
  attempt: Attempt;
  observation: Observation;
}

/** A look together with what it means for each task. */
interface News extends Sighting {
  eventsOf: EventsOf;
}

/** Collections side by side, the tasks of one together; a collection that cannot be moved does not hold up the others. */
export async function applySightings(deps: Deps, sightings: Sighting[]): Promise<void> {
  const chance = deps.random();
  const isNew = sightings.filter(isNews);
  const slept = isNew.filter(({ observation }) => goesToRest(observation));
  const waking = await wakingHours(
    deps,
    slept.map(({ attempt }) => attempt.machineId),
  );
  const news = isNew.map((sighting): News => {
    const { attempt, observation } = sighting;
    const begunAt = waking.get(attempt.machineId);
    return {
      ...sighting,
      eventsOf: (task, at, served) => {
        const own = ownPart(observation, attempt, served, task.commands.length);
        return eventsOfObservation(task, attempt, own, at, chance, begunAt);
      },
    };
  });
  const words = news.flatMap(({ attempt, eventsOf }) =>
    attempt.tasks.map((served): Word => ({ attempt, served, eventsOf })),
  );
  const byCollection = Map.groupBy(words, (word) => word.served.collectionId);
  const told = new Map<Attempt, Told[]>();
  await Promise.all(
    [...byCollection].map(async ([collectionId, group]) => {
      for (let start = 0; start < group.length; start += TASKS_AT_ONCE)
        await moveTasks(deps, collectionId, group.slice(start, start + TASKS_AT_ONCE), told).catch((error: unknown) =>
          deps.log.error('follow.collectionFailed', { collectionId, error: String(error) }),
        );
    }),
  );
  // An attempt goes on, or ends, only once all its tasks know: who was not told is seen again by the next poll.
  const heard = news.filter(({ attempt }) => (told.get(attempt)?.length ?? 0) === attempt.tasks.length);
  const partly = news.filter((one) => one.observation.kind !== 'open' && !heard.includes(one));
  await eachAlone(
    deps,
    'follow.attemptFailed',
    [...heard, ...partly],
    (one) => (partly.includes(one) ? finishPartly : recordSighting)(deps, one, told.get(one.attempt) ?? []),
    ({ attempt }) => ({ attemptId: attempt.attemptId }),
  );
  await noteShown(deps, sightings);
}

/**
 * A collection that cannot be read, or written, for good must not cost its neighbours the results of their run. One that
 * failed at this look alone is told by the next.
 */
async function finishPartly(deps: Deps, { attempt, eventsOf }: News, told: Told[]): Promise<void> {
  const now = deps.clock.now();
  const missing = attempt.tasks.filter((task) => !told.some(({ served }) => isSameTask(served, task)));
  const untold = untoldSince(attempt.untold, [...new Set(missing.map((m) => m.collectionId))], now);
  const onlyThose = missing.every(({ collectionId }) => untold.collections.includes(collectionId));
  if (told.length > 0 && onlyThose && isUntellable(untold, now))
    return finishAttempt(
      deps,
      attempt,
      eventsOf,
      told,
      ({ collectionId }) => !untold.collections.includes(collectionId),
    );
  await changeAttempt(deps, attempt, (current) => ({ ...current, untold }));
}

/** The states of an open action's commands as they were last told; anything else is news. */
function fingerprint({ observation }: Sighting): string {
  if (observation.kind !== 'open') return observation.kind;
  return `${observation.begun ? 'begun' : 'pending'}:${observation.commands.map((c) => c.state).join(',')}`;
}

const isNews = (sighting: Sighting): boolean => sighting.attempt.told !== fingerprint(sighting);

async function moveTasks(deps: Deps, collectionId: string, group: Word[], all: Map<Attempt, Told[]>): Promise<void> {
  deps.checkpoint('follow.beforeTask');
  const told = await tellCollection(deps, collectionId, group);
  deps.checkpoint('follow.afterTask');
  group.forEach(({ attempt }, place) => {
    all.set(attempt, [...(all.get(attempt) ?? []), ...told.slice(place, place + 1)]);
  });
}

async function recordSighting(deps: Deps, sighting: News, told: Told[]): Promise<void> {
  const { attempt, observation } = sighting;
  if (observation.kind !== 'open') {
    // All were told at this look, whatever becomes of it.
    if (attempt.untold) await changeAttempt(deps, attempt, ({ untold: _, ...current }) => current);
    return finishAttempt(deps, attempt, sighting.eventsOf, told);
  }
  await archiveEarly(deps, attempt, told);
  const now = deps.clock.now();
  await changeAttempt(deps, attempt, ({ told: _, ...current }) => {
    if (current.state !== 'open') return undefined;
    const allTold = current.tasks.every((task) => told.some(({ served }) => isSameTask(served, task)));
    return {
      ...withTimes(current, observation.begun, observation.times ?? {}, now),
      shownAt: now,
      // Who has joined since has not heard it: the next look is news again.
      ...(allTold ? { told: fingerprint(sighting) } : {}),
    };
  });
}

/** Rows of one transaction, at most. */
const SHOWN_AT_ONCE = 90;

/**
 * Remembers now and then that the list shows an action, so that only those it does not show are read one by one: all rows in
 * one transaction, however many sleepers are held. Lost to another writer, it is made up for by the next look.
 */
async function noteShown(deps: Deps, sightings: Sighting[]): Promise<void> {
  const now = deps.clock.now();
  const stale = sightings.filter(({ attempt, observation }) => observation.kind === 'open' && isStale(attempt, now));
  if (stale.length === 0) return;
  const { attempts } = await deps.work.load(deps.settings.tenantId);
  const ids = new Set(stale.map(({ attempt }) => attempt.attemptId));
  const rows = attempts.filter(
    ({ value }) => ids.has(value.attemptId) && value.state === 'open' && isStale(value, now),
  );
  if (rows.length === 0) return;
  await deps.work.commit(deps.settings.tenantId, {
    attempts: fittingOneTransaction(rows.slice(0, SHOWN_AT_ONCE), ({ value }) => value).map(
      ({ value: { missingSince: _, ...value }, etag }) => ({
        value: { ...value, shownAt: now },
        etag,
      }),
    ),
  });
}

const isStale = ({ shownAt, missingSince }: Attempt, now: EpochMs): boolean =>
  (shownAt ?? 0) + PATIENCE.unseenMs / 2 <= now || missingSince !== undefined;
