import { expect, it } from 'vitest';
import { createServiceClock, settleClock } from '../../../../shared/adapters/storage/service-clock.ts';
import { openAzuriteState } from '../../../contracts/azurite-state.ts';

const OFF_MS = 90_000;

it.each([OFF_MS, -OFF_MS])('a machine whose clock is %i ms off learns the time from its tables', async (offMs) => {
  const clock = createServiceClock({ now: () => Date.now() + offMs });
  const { state } = await openAzuriteState({ clock });
  await settleClock(clock, () => state.registers.read('t1', 'clock'));
  // Azurite renews its `Date` header once a second, and a busy machine does so late.
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_500);
});
