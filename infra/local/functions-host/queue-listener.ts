import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { QueueSettings } from './host-json.ts';
import { interruptibleWait } from './interruptible-wait.ts';
import { describeError, type Log } from './log.ts';
import { processMessage, type QueueFunction } from './message-processing.ts';
import { pollingInterval } from './polling-interval.ts';
import { storageCode } from './storage-fault.ts';

export interface QueueListener {
  /** takes no further messages; those that are being processed go on */
  stopTaking(): void;
  /** resolves when everything taken has been deleted, hidden again or moved to the poison queue */
  idle(): Promise<void>;
}

/**
 * Looks into a queue and runs its function for each message, at most `batchSize + newBatchThreshold` at a time.
 * A queue that is missing is created; a storage that does not answer is tried again with growing waits.
 */
export function startQueueListener(fn: QueueFunction, settings: QueueSettings, log: Log): QueueListener {
  const processing = new Set<Promise<void>>();
  const interval = pollingInterval(settings.maxPollingIntervalMs);
  const stop = new AbortController();
  let silent = false;

  const take = async (): Promise<DequeuedMessageItem[]> => {
    try {
      const messages = await receive(fn.queue, settings.batchSize, fn.leaseMs, stop.signal);
      silent = false;
      return messages;
    } catch (error) {
      if (!stop.signal.aborted && !silent)
        log({ level: 'warning', function: fn.name, message: `Queue ${fn.queue.name}: ${describeError(error)}` });
      silent = true; // one line for each outage, not one for each look
      return [];
    }
  };

  const poll = async () => {
    while (!stop.signal.aborted) {
      if (processing.size > settings.newBatchThreshold) {
        await Promise.race(processing);
        continue;
      }
      const messages = await take();
      for (const message of messages) {
        const done = processMessage(fn, message, settings, log).finally(() => processing.delete(done));
        processing.add(done);
      }
      if (messages.length > 0) interval.reset();
      else await interruptibleWait(interval.next(), stop.signal);
    }
  };
  const polling = poll();

  return {
    stopTaking: () => stop.abort(),
    async idle() {
      await polling;
      await Promise.all(processing);
    },
  };
}

async function receive(queue: QueueClient, count: number, leaseMs: number, abortSignal: AbortSignal) {
  try {
    const visibilityTimeout = Math.ceil(leaseMs / 1000);
    // a look that is broken off may have hidden messages already: let it end, it is short
    const answer = await queue.receiveMessages({ numberOfMessages: count, visibilityTimeout });
    return abortSignal.aborted ? await giveBack(queue, answer.receivedMessageItems) : answer.receivedMessageItems;
  } catch (error) {
    if (storageCode(error) !== 'QueueNotFound') throw error;
    await queue.createIfNotExists();
    return [];
  }
}

/** Messages that arrived while the host was ending: whoever looks next has them at once. */
async function giveBack(queue: QueueClient, messages: DequeuedMessageItem[]): Promise<DequeuedMessageItem[]> {
  await Promise.allSettled(messages.map((m) => queue.updateMessage(m.messageId, m.popReceipt, undefined, 0)));
  return [];
}
