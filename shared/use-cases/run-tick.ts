import { minutes } from '../domain/time.ts';
import type { OpenWork } from '../ports.ts';
import { advanceDue } from './advance-collection.ts';
import { type DueCollection, dueCollections, readAgenda } from './agenda.ts';
import { remindResults } from './archive-result.ts';
import type { Deps } from './deps.ts';
import { dispatchTasks } from './dispatch-tasks.ts';
import { followActions } from './follow-actions.ts';
import { noteHeartbeat } from './heartbeats.ts';
import { type TickMessage, takeUpTick, wakePoll } from './wake.ts';
import { wakeSleepers } from './wake-sleepers.ts';

/** Collections that one heartbeat looks after; the next goes on. */
const COLLECTIONS_PER_HEARTBEAT = 200;
/** What the next heartbeat would see too late, in ms. */
const SOON_MS = minutes(1);

/**
 * Once a minute, whether or not any message arrived: what a lost one should have moved is derived again from the rows.
 * With nothing to do: two small reads.
 */
export async function dispatchHeartbeat(deps: Deps): Promise<void> {
  for (const due of await dueCollections(deps, COLLECTIONS_PER_HEARTBEAT, SOON_MS))
    await lookAfter(deps, due).catch((error: unknown) =>
      deps.log.error('heartbeat.collectionFailed', { collectionId: due.collectionId, error: String(error) }),
    );
  const agenda = await readAgenda(deps);
  // With nothing due it plans a tick for the parked task whose time comes before the next heartbeat.
  if (agenda.due.length + agenda.later.length === 0) return;
  const looked = await wakeSleepers(deps, [...agenda.due, ...agenda.later]);
  await dispatchTasks(deps, looked ? {} : { agenda });
  // Parked tasks alone: what keeps their devices busy is looked after although no action of ours is open.
  if (agenda.later.length > 0) await wakePoll(deps, deps.settings.pollMinMs);
}

/**
 * Now if its time has come. An expiry that comes before the next heartbeat gets a message, so that it need not wait for
 * one; every other look ahead has its own message, and a second would only multiply.
 */
async function lookAfter(deps: Deps, due: DueCollection): Promise<void> {
  const { collectionId, dueAt } = due;
  const inMs = dueAt - deps.clock.now();
  if (inMs <= 0) return advanceDue(deps, due);
  const header = await deps.collections.header(collectionId);
  if (header?.value.expanded && header.value.expiresAt === dueAt)
    await deps.queues.send('collections', { collectionId }, inMs);
}

/** With nothing to do: one small read, and one write that tells the health check of it. */
export async function pollHeartbeat(deps: Deps): Promise<void> {
  await noteHeartbeat(deps, 'poll');
  const work = await deps.work.load(deps.settings.tenantId);
  if (work.attempts.length + work.jobs.length === 0) return;
  await remindResults(
    deps,
    work.jobs.map((j) => j.value),
  );
  await poll(deps, work);
}

/** A planned tick, brought by its message. */
export async function runTick(deps: Deps, message: TickMessage): Promise<void> {
  if (!(await takeUpTick(deps, message))) return;
  if (message.kind === 'dispatch') await dispatchTasks(deps);
  else await poll(deps);
}

/** A slot that a poll finds free is filled in the same tick. */
async function poll(deps: Deps, known?: OpenWork): Promise<void> {
  const { goesOn, ...learned } = await followActions(deps, known);
  if (goesOn) await dispatchTasks(deps, learned);
}
