import type { QueueServiceClient } from '@azure/storage-queue';
import type { Queues } from '../../ports.ts';
import { carriedText, messageText, poisonQueueOf, visibilitySeconds } from './queue-messages.ts';
import { isMissingHolder } from './storage-errors.ts';
import { type NameOptions, queueName } from './storage-names.ts';

/** -1: a message waits until it is handled, however long the app was stopped. */
const NEVER_EXPIRES = -1;

/** Storage queues with plain text messages: `messageEncoding` is `none` in host.json. */
export function createStorageQueues(service: QueueServiceClient, names: NameOptions = {}): Queues {
  const clientOf = (queue: string) => service.getQueueClient(queueName(queue, names));
  const put = async (queue: string, text: string, visibilityTimeout: number): Promise<void> => {
    const client = clientOf(queue);
    const send = () => client.sendMessage(text, { visibilityTimeout, messageTimeToLive: NEVER_EXPIRES });
    try {
      await send();
    } catch (error) {
      if (!isMissingHolder(error)) throw error;
      await client.createIfNotExists();
      await send();
    }
  };

  return {
    async send(queue, message, delayMs = 0) {
      await put(queue, messageText(queue, message), visibilitySeconds(delayMs));
    },

    async sendText(queue, text) {
      await put(poisonQueueOf(queue), carriedText(text), 0);
    },

    async depth(queue) {
      try {
        const { approximateMessagesCount = 0 } = await clientOf(queue).getProperties();
        return approximateMessagesCount;
      } catch (error) {
        if (isMissingHolder(error)) return 0;
        throw error;
      }
    },
  };
}
