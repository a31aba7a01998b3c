import { app } from '@azure/functions';
import { keepHouse } from '../shared/use-cases/keep-house.ts';
import { config, runtime } from './runtime.ts';

export async function handler(): Promise<void> {
  const { deps } = await runtime();
  await keepHouse(deps);
}

app.timer('housekeeping', { schedule: config.schedules.housekeeping, handler });
