import { expect, it } from 'vitest';
import { minutes } from '../../../shared/domain/time.ts';
import { advanceCollection } from '../../../shared/use-cases/advance-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { targetsOf } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { runsOn, taskOf, wrongs } from '../../world/seen.ts';
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

it('an agenda row whose writer stood still so long that it was dropped is written anew', async () => {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ devices: [anna] });
  const { index } = world.deps;
  let stoodStill = false;
  const paused: Deps = {
    ...world.deps,
    index: {
      range: (partition, query) => index.range(partition, query),
      async write(partition, rows) {
        await index.write(partition, rows);
        if (stoodStill || !rows.put || !partition.endsWith('|tasks')) return;
        stoodStill = true;
        world.clock.moveTo(world.clock.now() + minutes(10));
        await dispatchTasks(world.deps);
      },
    },
  };
  await advanceCollection(paused, collectionId);
  await world.runUntilEnded(collectionId, { atMost: minutes(15) });
  expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archived', attempts: 1 });
});
