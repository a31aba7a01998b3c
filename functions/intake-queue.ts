import { app, type InvocationContext, trigger } from '@azure/functions';
import { takeInMessage } from '../shared/use-cases/take-in-message.ts';
import { messageText, notingPoison } from './noting-poison.ts';
import { requestRules } from './request-rules.ts';
import { runtime } from './runtime.ts';

export const QUEUE = 'collection-requests';

/** The second way in: the same JSON as `POST /api/collections`, as plain text or base64. */
export async function handler(message: unknown, context: InvocationContext): Promise<void> {
  const holdfast = await runtime();
  const messageId = String(context.triggerMetadata?.id ?? '');
  await takeInMessage(holdfast.deps, { queue: QUEUE, messageId, text: messageText(message) }, (defaultRequestId) =>
    requestRules(holdfast, { defaultRequestId }),
  );
}

// Bytes, not text: the library would parse a text that is JSON, and what is refused must be kept unchanged.
app.generic('intake-queue', {
  trigger: trigger.generic({
    type: 'queueTrigger',
    name: 'message',
    queueName: QUEUE,
    connection: 'AzureWebJobsStorage',
    dataType: 'binary',
  }),
  handler: notingPoison(QUEUE, handler),
});
