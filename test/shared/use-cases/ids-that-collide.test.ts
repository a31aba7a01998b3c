import { describe, expect, it } from 'vitest';
import { hours } from '../../../shared/domain/time.ts';
import { askFor, GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { actionsOn, tasksOf } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

const anna = device();
/** Another machine of the same name, as after a reinstallation. */
const annaAgain = device({ id: 'b'.repeat(40) });

describe('ids and names that are nearly, or quite, the same', () => {
  it('keep requests apart whose requestIds differ in case or in signs that a key may not hold', async () => {
    const world = createWorld({ devices: [anna] });
    const requestIds = ['INC-1', 'inc-1', 'INC/1', 'INC#1', 'INC 1', 'INC-1 ', 'ÍNC-1'];
    const ids: string[] = [];
    for (const requestId of requestIds) ids.push(await world.ask({ devices: [anna], requestId }));
    expect(new Set(ids.slice(0, 5)).size).toBe(5);
    expect(ids[6]).not.toBe(ids[0]);
  });

  it('never make one collection of two requests, were the same id drawn for both', async () => {
    const world = createWorld({ devices: [anna] });
    const deps = { ...world.deps, ids: { next: () => '019cad91-26e8-7000-8000-000000000003' } };
    const first = await askFor(deps, { devices: [anna], commands: [RUN_SCRIPT] });
    await expect(askFor(deps, { devices: [anna], commands: [GET_FILE] })).rejects.toThrow('another request');
    expect((await world.state.collections.request(first))?.commands).toMatchObject([RUN_SCRIPT]);
  });

  it('give machines of one name, files of one name and names of one safe form each a blob of its own', async () => {
    const world = createWorld({ devices: [anna, annaAgain] });
    const paths = ['C:\\a\\out.zip', 'C:\\b\\out.zip', 'C:\\a\\OUT.ZIP'];
    const collectionId = await world.ask({
      devices: [anna, annaAgain],
      commands: paths.map((path) => ({ type: 'GetFile', path })),
    });
    await world.runUntilEnded(collectionId, { atMost: hours(2) });
    const tasks = await tasksOf(world, collectionId);
    const names = tasks.flatMap((t) => t.commands.flatMap((c) => c.artifact?.blobName ?? []));
    expect(names).toHaveLength(6);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(6);
    expect([actionsOn(world, anna).length, actionsOn(world, annaAgain).length]).toEqual([1, 1]);
  });
});
