import { hours } from '../../../shared/domain/time.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { devices } from '../../world/fleet.ts';
import { callCounts } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';
import type { Measured } from './rows/row.ts';

const HOURS = 24;

/** What an hour without work costs, of a day after some work was done; the daily housekeeping included. */
export async function measureIdle(): Promise<Measured[]> {
  const fleet = devices(25);
  const world = createWorld({ devices: fleet });
  await world.runUntilEnded(await world.ask({ devices: fleet }), { atMost: hours(2) });
  await world.run(hours(1));
  const before = { ...callCounts(world), executions: world.executions };
  await world.call(async (deps) => (await keepHouse(deps)) ?? 'not its turn');
  await world.run(hours(HOURS));
  const after = { ...callCounts(world), executions: world.executions };
  return [
    { figure: 'executions', value: (after.executions - before.executions) / HOURS, unit: '1/h' },
    { figure: 'defender-calls', value: (after.defender - before.defender) / HOURS, unit: '1/h' },
    { figure: 'storage-calls', value: (after.storage - before.storage) / HOURS, unit: '1/h' },
  ];
}
