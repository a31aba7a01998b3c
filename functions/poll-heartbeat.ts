import { app } from '@azure/functions';
import { pollHeartbeat } from '../shared/use-cases/run-tick.ts';
import { config, runtime } from './runtime.ts';

export async function handler(): Promise<void> {
  const { deps } = await runtime();
  await pollHeartbeat(deps);
}

app.timer('poll-heartbeat', { schedule: config.schedules.poll, handler });
