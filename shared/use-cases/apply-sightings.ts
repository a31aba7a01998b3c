import { type Observation, withTimes } from '../domain/action-outcome.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { Collection } from '../domain/collection.ts';
import { applyTaskEvents } from '../domain/collection-changes.ts';
import { eventsOfObservation } from '../domain/follow-events.ts';
import { PATIENCE } from '../domain/limits.ts';
import type { Task } from '../domain/task.ts';
import { changeAttempt } from './change-attempt.ts';
import { changeCollection } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { finishAttempt } from './finish-attempt.ts';

/** Tasks of one collection that one transaction moves. */
const TASKS_AT_ONCE = 15;

/** One look at an action, and what it says. */
export interface Sighting {
  attempt: Attempt;
  observation: Observation;
}

/** Collections side by side, the tasks of one together; a collection that cannot be moved does not hold up the others. */
export async function applySightings(deps: Deps, sightings: Sighting[]): Promise<void> {
  const changed = sightings.filter(isNews);
  const byCollection = Map.groupBy(changed, (s) => s.attempt.tasks[0]?.collectionId ?? '');
  await Promise.all(
    [...byCollection].map(async ([collectionId, group]) => {
      for (let start = 0; start < group.length; start += TASKS_AT_ONCE)
        await moveTasks(deps, collectionId, group.slice(start, start + TASKS_AT_ONCE)).catch((error: unknown) =>
          deps.log.error('follow.collectionFailed', { collectionId, error: String(error) }),
        );
    }),
  );
  await noteShown(deps, sightings);
}

/** The states of an open action's commands as they were last told; anything else is news. */
function fingerprint({ observation }: Sighting): string {
  if (observation.kind !== 'open') return observation.kind;
  return `${observation.begun ? 'begun' : 'pending'}:${observation.commands.map((c) => c.state).join(',')}`;
}

const isNews = (sighting: Sighting): boolean => sighting.attempt.told !== fingerprint(sighting);

async function moveTasks(deps: Deps, collectionId: string, group: Sighting[]): Promise<void> {
  deps.checkpoint('follow.beforeTask');
  const chance = deps.random();
  const taskOf = (s: Sighting, tasks: Task[]) => tasks.find((t) => t.taskId === s.attempt.tasks[0]?.taskId);
  const ids = group.flatMap((s) => s.attempt.tasks[0]?.taskId ?? []);
  const moved = await changeCollection(deps, collectionId, ids, (collection, tasks, now) => {
    const changes = group.flatMap((s) => {
      const task = taskOf(s, tasks);
      if (!task) return [];
      const events = eventsOfObservation(task, s.attempt, s.observation, now, chance);
      return events.map((event) => ({ taskId: task.taskId, event }));
    });
    return applyTaskEvents(collection, tasks, changes, now);
  });
  deps.checkpoint('follow.afterTask');
  for (const sighting of group)
    await recordSighting(deps, sighting, moved?.collection, moved && taskOf(sighting, moved.tasks));
}

async function recordSighting(
  deps: Deps,
  sighting: Sighting,
  collection: Collection | undefined,
  task: Task | undefined,
): Promise<void> {
  const { attempt, observation } = sighting;
  if (observation.kind !== 'open') return finishAttempt(deps, attempt, collection, task);
  const now = deps.clock.now();
  await changeAttempt(deps, attempt, (current) =>
    current.state === 'open'
      ? {
          ...withTimes(current, observation.begun, observation.times ?? {}, now),
          shownAt: now,
          told: fingerprint(sighting),
        }
      : undefined,
  );
}

/** Remembers now and then that the list shows an action, so that only those it does not show are read one by one. */
async function noteShown(deps: Deps, sightings: Sighting[]): Promise<void> {
  const now = deps.clock.now();
  for (const { attempt, observation } of sightings) {
    const stale = (attempt.shownAt ?? 0) + PATIENCE.unseenMs / 2 <= now || attempt.missingSince !== undefined;
    if (observation.kind !== 'open' || !stale) continue;
    await changeAttempt(deps, attempt, ({ missingSince: _, ...current }) =>
      current.state === 'open' ? { ...current, shownAt: now } : undefined,
    );
  }
}
