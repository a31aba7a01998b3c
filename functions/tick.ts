import { app } from '@azure/functions';
import { z } from 'zod';
import { runTick } from '../shared/use-cases/run-tick.ts';
import { notingPoison } from './noting-poison.ts';
import { runtime } from './runtime.ts';

const Message = z.object({ kind: z.enum(['dispatch', 'poll']), at: z.number() });

/** The ticks that come by themselves while work is open. */
export async function handler(message: unknown): Promise<void> {
  const { deps } = await runtime();
  await runTick(deps, Message.parse(message));
}

app.storageQueue('tick', {
  queueName: 'ticks',
  connection: 'AzureWebJobsStorage',
  handler: notingPoison('ticks', handler),
});
