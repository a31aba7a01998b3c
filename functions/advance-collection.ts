import { app } from '@azure/functions';
import { z } from 'zod';
import { advanceCollection } from '../shared/use-cases/advance-collection.ts';
import { notingPoison } from './noting-poison.ts';
import { runtime } from './runtime.ts';

const Message = z.object({ collectionId: z.string() });

/** Expands, stops, closes or tells: whatever the collection needs next. */
export async function handler(message: unknown): Promise<void> {
  const { deps } = await runtime();
  await advanceCollection(deps, Message.parse(message).collectionId);
}

app.storageQueue('advance-collection', {
  queueName: 'collections',
  connection: 'AzureWebJobsStorage',
  handler: notingPoison('collections', handler),
});
