import { app } from '@azure/functions';
import { z } from 'zod';
import { archiveResult } from '../shared/use-cases/archive-result.ts';
import { notingPoison } from './noting-poison.ts';
import { runtime } from './runtime.ts';

const Message = z.object({ attemptId: z.string(), index: z.int() });

/** One try at storing one result. */
export async function handler(message: unknown): Promise<void> {
  const { deps } = await runtime();
  await archiveResult(deps, Message.parse(message));
}

app.storageQueue('archive-result', {
  queueName: 'results',
  connection: 'AzureWebJobsStorage',
  handler: notingPoison('results', handler),
});
