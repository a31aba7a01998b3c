import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { dueKey } from '../../../shared/domain/index-keys.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import type { CollectionChange, CollectionStore } from '../../../shared/ports.ts';
import { advanceCollection, advanceDue } from '../../../shared/use-cases/advance-collection.ts';
import { dueCollections } from '../../../shared/use-cases/agenda.ts';
import { changeTasks } from '../../../shared/use-cases/change-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { targetsOf } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf, runsOn, taskOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();

/** An instance that is paused after each agenda row, before the change that needs it: another one dispatches meanwhile. */
function slowInstance(world: World): Deps {
  const { index } = world.deps;
  return {
    ...world.deps,
    index: {
      range: (partition, query) => index.range(partition, query),
      async write(partition, rows) {
        await index.write(partition, rows);
        if (rows.put && partition.endsWith('|tasks')) await dispatchTasks(world.deps);
      },
    },
  };
}

it.each([
  ['of a task that is not there yet', targetsOf([anna])],
  ['of a task whose machine is not known yet', [{ computerDnsName: anna.computerDnsName }]],
])('an agenda row %s is not taken for a stale one', async (_, targets) => {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ targets });
  await advanceCollection(slowInstance(world), collectionId);
  await world.runUntilEnded(collectionId, { atMost: minutes(15) });
  expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archived', attempts: 1 });
  expect(runsOn(world, anna)).toBe(1);
  expect(wrongs(world)).toEqual([]);
});

it('an agenda row of a task whose machine became known long after its acceptance is not taken for a stale one', async () => {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ targets: [{ computerDnsName: anna.computerDnsName }] });
  world.clock.moveTo(world.clock.now() + minutes(30));
  await advanceCollection(slowInstance(world), collectionId);
  await world.runUntilEnded(collectionId, { atMost: minutes(15) });
  expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archived', attempts: 1 });
});

/** An instance that stands still for ten minutes, once, at a moment of its own, while another one goes on. */
function standsStill(world: World, meanwhile: (deps: Deps) => Promise<unknown>) {
  let stoodStill = false;
  return async (): Promise<void> => {
    if (stoodStill) return;
    stoodStill = true;
    world.clock.moveTo(world.clock.now() + minutes(10));
    await meanwhile(world.deps);
  };
}

type Which = (change: CollectionChange) => boolean;

function pausedAfterRows(world: World): Deps {
  const { index } = world.deps;
  const pause = standsStill(world, dispatchTasks);
  return {
    ...world.deps,
    index: {
      ...index,
      async write(partition, rows) {
        await index.write(partition, rows);
        if (rows.put && partition.endsWith('|tasks')) await pause();
      },
    },
  };
}

function pausedInChange(world: World, meanwhile: (deps: Deps) => Promise<unknown>, which: Which = () => true): Deps {
  const { collections } = world.deps;
  const pause = standsStill(world, meanwhile);
  const commit: CollectionStore['commit'] = async (change) => {
    if (which(change)) await pause();
    return collections.commit(change);
  };
  return { ...world.deps, collections: { ...collections, commit } };
}

it.each([
  ['before the change that needs it', pausedAfterRows],
  ['within the change that needs it', (world: World) => pausedInChange(world, dispatchTasks)],
])('an agenda row whose writer stood still so long %s that it was dropped is written anew', async (_, pausedIn) => {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ devices: [anna] });
  await advanceCollection(pausedIn(world), collectionId);
  await world.runUntilEnded(collectionId, { atMost: minutes(15) });
  expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archived', attempts: 1 });
});

describe('a collection whose last task ends', () => {
  const lookAtDue = async (deps: Deps) => {
    for (const due of await dueCollections(deps, 99, 0)) await advanceDue(deps, due);
  };

  it('is due for a heartbeat, also when its writer stood still meanwhile and its message was lost', async () => {
    const world = createWorld({ devices: [anna] });
    world.lose('ticks', 9);
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(5));
    world.lose('collections', 9);
    const paused = pausedInChange(world, lookAtDue, (change) => change.header.value.closing !== undefined);
    const { taskId } = await taskOf(world, collectionId);
    const stopped = { at: world.clock.now(), state: 'cancelled', failure: failureOf('Cancelled') } as const;
    await changeTasks(paused, collectionId, [{ taskId, event: { type: 'stopped', ...stopped } }]);
    expect((await dueCollections(world.deps, 99, 0)).map((due) => due.collectionId)).toEqual([collectionId]);
  });

  it('is found again by a stale row, where whoever changed it was stopped before it wrote the row anew', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    const { dueAt = 0 } = await collectionOf(world, collectionId);
    const agenda = 'contoso|collections';
    const [stale, own] = [dueKey(dueAt - minutes(10), collectionId), dueKey(dueAt, collectionId)];
    await world.state.index.write(agenda, { put: [{ key: stale }], remove: [own] });
    await advanceDue(world.deps, { key: stale, collectionId, dueAt: dueAt - minutes(10) });
    const { value } = await world.state.index.range(agenda, { from: '0', to: '~', top: 9 });
    expect(value.map(({ key }) => key)).toEqual([own]);
  });
});
