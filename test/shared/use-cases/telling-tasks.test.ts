import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { seconds } from '../../../shared/domain/time.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { eventsOfRefusal, tellTasks } from '../../../shared/use-cases/tell-tasks.ts';
import { device } from '../../world/fleet.ts';
import { custodyOf, taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device({ awake: 'never' });

/** A collection of one device whose action is pending. */
async function pending(): Promise<{ world: World; collectionId: string; attempt: Attempt }> {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ devices: [anna] });
  await world.run(seconds(5));
  const [row] = (await world.state.work.load('contoso')).attempts;
  if (!row) throw new Error('there is no attempt');
  return { world, collectionId, attempt: row.value };
}

const refused = (attempt: Attempt) =>
  eventsOfRefusal(attempt, () => ({ kind: 'failed', failure: failureOf('MachineNotFound') }));

describe('a word about a task that is not there', () => {
  it('is told to nobody, also in a collection that is being cancelled, and its neighbours hear theirs', async () => {
    const { world, collectionId, attempt } = await pending();
    await cancelCollection(world.deps, collectionId, { by: { kind: 'http' } });
    const gone = { collectionId, taskId: 'gone' };
    const told = await tellTasks(world.deps, attempt, refused(attempt), [gone, ...attempt.tasks]);
    expect(told[0]).toEqual({ served: gone });
    expect(told[1]).toMatchObject({ served: attempt.tasks[0], task: { state: 'cancelled' } });
  });

  it('because its whole collection is not there, is told to nobody either', async () => {
    const { world, attempt } = await pending();
    const gone = { collectionId: 'gone', taskId: 'gone' };
    expect(await tellTasks(world.deps, attempt, refused(attempt), [gone])).toEqual([{ served: gone }]);
  });
});

describe('Defender’s refusal of a submit', () => {
  it('fails its task, and the record says that the attempt was refused', async () => {
    const { world, collectionId, attempt } = await pending();
    await tellTasks(world.deps, attempt, refused(attempt));
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'failed', failure: { code: 'MachineNotFound' } });
    const { attemptId } = attempt;
    const closed = (await custodyOf(world, collectionId)).filter((e) => e.type === 'attempt.closed');
    expect(closed).toMatchObject([{ data: { attemptId, cause: 'refused' } }]);
  });

  it('does not concern a task that waits again, or goes on, by another attempt', async () => {
    const { world, collectionId, attempt } = await pending();
    const earlier = { ...attempt, attemptId: 'earlier' };
    await tellTasks(world.deps, attempt, () => [
      {
        type: 'setBack',
        at: world.clock.now(),
        attemptId: attempt.attemptId,
        to: 'queued',
        waiting: {},
        cause: 'fault',
      },
    ]);
    const before = await taskOf(world, collectionId);
    expect(before.state).toBe('queued');
    const [told] = await tellTasks(world.deps, earlier, refused(earlier));
    expect(told?.task).toEqual(before);
    expect(await taskOf(world, collectionId)).toEqual(before);
  });
});
