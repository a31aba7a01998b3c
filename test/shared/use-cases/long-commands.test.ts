import { describe, expect, it } from 'vitest';
import { hours } from '../../../shared/domain/time.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { devices } from '../../world/fleet.ts';
import { tasksOf } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

/** As long as each may be, in a script that takes six stored characters for one. */
const PATHS = Array.from({ length: 20 }, (_, n) => ({ ...GET_FILE, path: `C:\\${n}-${'日'.repeat(4_090)}` }));
const ARGUMENTS = Array.from({ length: 20 }, () => ({ ...RUN_SCRIPT, args: '日'.repeat(8_000) }));

describe('commands as long as a request may have them', () => {
  it('are sent to devices side by side, and hold nobody up', async () => {
    const fleet = devices(9);
    const world = createWorld({ devices: fleet });
    const long = await world.ask({ devices: fleet.slice(0, 8), commands: ARGUMENTS.slice(0, 8) });
    const usual = await world.ask({ devices: fleet.slice(8) });
    for (const collection of [usual, long]) await world.runUntilEnded(collection, { atMost: hours(12) });
    const states = [...(await tasksOf(world, long)), ...(await tasksOf(world, usual))].map(({ state }) => state);
    expect(states).toEqual(Array.from({ length: 9 }, () => 'archived'));
  });

  it.each([
    ['paths', PATHS],
    ['arguments', ARGUMENTS],
  ])('are refused at the door when no row could hold them together: %s', async (_, commands) => {
    const world = createWorld({ devices: devices(1) });
    await expect(world.ask({ devices: devices(1), commands })).rejects.toThrow(/"target":"commands".*400000 fit/);
  });

  it('are taken where they are long in ASCII alone', async () => {
    const commands = Array.from({ length: 20 }, () => ({ ...RUN_SCRIPT, args: 'x'.repeat(8_000) }));
    await createWorld({ devices: devices(1) }).ask({ devices: devices(1), commands });
  });
});
