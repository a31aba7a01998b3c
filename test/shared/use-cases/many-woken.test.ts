import { expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { changeTasks } from '../../../shared/use-cases/change-collection.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { device, devices } from '../../world/fleet.ts';
import { secondsOf, submits, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

it('a hundred and fifty devices that wake at once hold up neither dispatch nor an urgent task', async () => {
  const fleet = devices(150, { awake: { asleepForMs: hours(3) } });
  const urgent = device({ computerDnsName: 'urgent.contoso.com' });
  const world = createWorld({ devices: [...fleet, urgent], settings: { sessionsReserved: 0 } });
  const id = await world.ask({ devices: fleet });
  // all have had their try, and rest
  await world.runUntil(async () => (await tasksOf(world, id)).filter((t) => t.waiting?.rests).length > 120, {
    atMost: hours(24),
  });
  const resting = (await tasksOf(world, id)).filter((t) => t.waiting?.rests);
  const at = world.clock.now();
  await changeTasks(
    world.deps,
    id,
    resting.map(({ taskId }) => ({ taskId, event: { type: 'woken', at, why: 'machineSeen' } })),
  );
  await expect(dispatchTasks(world.deps)).resolves.toBeGreaterThanOrEqual(0);
  await world.run(minutes(1));
  const askedAt = secondsOf(world.clock.now());
  await world.ask({ devices: [urgent], priority: 'urgent' });
  await world.runUntil(() => submits(world, urgent).length > 0, { atMost: minutes(10) });
  expect(secondsOf(submits(world, urgent)[0]?.at ?? 0) - askedAt).toBeLessThanOrEqual(4 * 60);
  await world.run(seconds(1));
  expect(world.failures).toEqual([]);
  expect(wrongs(world)).toEqual([]);
});
