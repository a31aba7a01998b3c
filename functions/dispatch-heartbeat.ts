import { app } from '@azure/functions';
import { dispatchHeartbeat } from '../shared/use-cases/run-tick.ts';
import { config, runtime } from './runtime.ts';

export async function handler(): Promise<void> {
  const { deps } = await runtime();
  await dispatchHeartbeat(deps);
}

app.timer('dispatch-heartbeat', { schedule: config.schedules.dispatch, handler });
