import { type QueueServiceClient, RestError } from '@azure/storage-queue';
import type { PoisonMessage } from './poison-messages.ts';

/** A message taken out of a poison queue for a while; it comes back by itself when nothing becomes of it. */
export interface TakenMessage {
  message: PoisonMessage;
  /** Puts texts on the queue that it came from, then removes it: a crash between the two leaves both, never none. */
  sendBack(texts: string[]): Promise<void>;
  release(): Promise<void>;
}

const AT_ONCE = 32;
/** Hidden so long while it is judged and moved. */
const HIDDEN_SECONDS = 300;
const NEVER_EXPIRES = -1;

/**
 * Takes every message that is there, one page after the other; each must be sent back or released. What is set aside
 * meanwhile is left: a host that refuses again what was put back would keep us for ever.
 */
export async function* takePoison(service: QueueServiceClient, queue: string): AsyncGenerator<TakenMessage> {
  const poison = service.getQueueClient(`${queue}-poison`);
  // of very many the first come into view again before the last are taken
  const seen = new Set<string>();
  let began: Date | undefined;
  for (;;) {
    const { receivedMessageItems, date } = await poison
      .receiveMessages({ numberOfMessages: AT_ONCE, visibilityTimeout: HIDDEN_SECONDS })
      .catch(unlessMissing);
    began ??= date;
    const fresh = receivedMessageItems.filter(({ messageId }) => !seen.has(messageId));
    if (fresh.length === 0) return;
    for (const { messageId, popReceipt, insertedOn, messageText } of fresh) {
      seen.add(messageId);
      const release = () => poison.updateMessage(messageId, popReceipt, undefined, 0).then(nothing, unlessTakenAgain);
      if (began !== undefined && insertedOn > began) {
        await release();
        continue;
      }
      yield {
        message: { queue, messageId, insertedAt: insertedOn, text: messageText },
        async sendBack(texts) {
          for (const text of texts)
            await service.getQueueClient(queue).sendMessage(text, { messageTimeToLive: NEVER_EXPIRES });
          await poison.deleteMessage(messageId, popReceipt);
        },
        release,
      };
    }
  }
}

/** The platform makes a poison queue when it first needs one. */
function unlessMissing(error: unknown): { receivedMessageItems: []; date?: Date } {
  if (error instanceof RestError && error.statusCode === 404) return { receivedMessageItems: [] };
  throw error;
}

const nothing = (): void => undefined;

/** Its time was over and somebody else has it, or it is gone: nothing is left to release. */
function unlessTakenAgain(error: unknown): void {
  if (!(error instanceof RestError && (error.statusCode === 404 || error.code === 'PopReceiptMismatch'))) throw error;
}
