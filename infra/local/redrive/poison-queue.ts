import { type QueueServiceClient, RestError } from '@azure/storage-queue';
import type { PoisonMessage } from './poison-messages.ts';

/** A message taken out of a poison queue for a while; it comes back by itself when nothing becomes of it. */
export interface TakenMessage {
  message: PoisonMessage;
  /** Puts a text on the queue that it came from, then removes it: a crash between the two leaves both, never none. */
  sendBack(text: string): Promise<void>;
  release(): Promise<void>;
}

const AT_ONCE = 32;
/** Hidden so long while it is judged and moved. */
const HIDDEN_SECONDS = 60;
const NEVER_EXPIRES = -1;

/** Takes every message that is there, one page after the other; each must be sent back or released. */
export async function* takePoison(service: QueueServiceClient, queue: string): AsyncGenerator<TakenMessage> {
  const poison = service.getQueueClient(`${queue}-poison`);
  // of very many the first come into view again before the last are taken
  const seen = new Set<string>();
  for (;;) {
    const { receivedMessageItems } = await poison
      .receiveMessages({ numberOfMessages: AT_ONCE, visibilityTimeout: HIDDEN_SECONDS })
      .catch(unlessMissing);
    if (receivedMessageItems.every(({ messageId }) => seen.has(messageId))) return;
    for (const { messageId, popReceipt, insertedOn, messageText } of receivedMessageItems) {
      seen.add(messageId);
      yield {
        message: { queue, messageId, insertedAt: insertedOn, text: messageText },
        async sendBack(text) {
          await service.getQueueClient(queue).sendMessage(text, { messageTimeToLive: NEVER_EXPIRES });
          await poison.deleteMessage(messageId, popReceipt);
        },
        async release() {
          await poison.updateMessage(messageId, popReceipt, undefined, 0);
        },
      };
    }
  }
}

/** The platform makes a poison queue when it first needs one. */
function unlessMissing(error: unknown): { receivedMessageItems: [] } {
  if (error instanceof RestError && error.statusCode === 404) return { receivedMessageItems: [] };
  throw error;
}
