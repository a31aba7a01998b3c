import { expect, it } from 'vitest';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { device } from '../../world/fleet.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device({ startDelayMs: minutes(20) });
const listCalls = (world: World) => world.calls.get('defender.listActions') ?? 0;

it('a planned poll that comes just after a heartbeat’s still brings the next one', async () => {
  const world = createWorld({ devices: [anna] });
  await world.ask({ devices: [anna] });
  await world.run(seconds(45)); // 08:00:52, with the next poll heartbeat at 08:01:30
  const { registers, settings } = world.deps;
  const planned = await registers.read<{ at: number }>(settings.tenantId, 'tick-poll');
  const last = await registers.read(settings.tenantId, 'last-poll');
  // as if another instance had polled a moment before the planned poll, and left the next one to it
  const at = (planned?.value.at ?? 0) - 500;
  await registers.write(settings.tenantId, 'last-poll', { at }, last?.etag);
  const before = listCalls(world);
  await world.run(seconds(20));
  expect(listCalls(world)).toBeGreaterThan(before + 1);
});
