import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { InvocationRequest } from './functions-core.ts';
import type { QueueSettings } from './host-json.ts';
import { describeError, type Log } from './log.ts';
import { holdMessage, type MessageHold } from './message-hold.ts';
import { decodeMessage, toQueueInvocation } from './queue-message.ts';

export interface QueueFunction {
  name: string;
  bindingName: string;
  /** the binding asks for bytes: a text that is JSON is not parsed */
  binary: boolean;
  queue: QueueClient;
  /** absent for a queue that is itself a poison queue: its failures come back for ever */
  poison: QueueClient | undefined;
  /** how long a message is hidden at a time while it is processed; a host that dies releases it after that */
  leaseMs: number;
  invoke(request: InvocationRequest): Promise<void>;
}

/**
 * One message from its receipt to its end: deleted after success, hidden for `visibilityTimeout` after a failure,
 * moved to `<queue>-poison` after the last. Never throws: what storage refuses comes back by itself.
 */
export async function processMessage(
  fn: QueueFunction,
  message: DequeuedMessageItem,
  settings: QueueSettings,
  log: Log,
): Promise<void> {
  const hold = holdMessage(fn.queue, message, fn.leaseMs, (error) =>
    log({ level: 'warning', function: fn.name, message: `Message ${message.messageId}: ${describeError(error)}` }),
  );
  try {
    await settle(fn, message, settings, hold);
  } catch (error) {
    const text = `Message ${message.messageId} could not be settled, so it will come again: ${describeError(error)}`;
    log({ level: 'warning', function: fn.name, message: text });
  } finally {
    await hold.stop();
  }
}

async function settle(
  fn: QueueFunction,
  message: DequeuedMessageItem,
  settings: QueueSettings,
  hold: MessageHold,
): Promise<void> {
  const text = decodeMessage(message.messageText, settings.messageEncoding);
  // a host that was killed during the last try could not move it
  const exhausted = message.dequeueCount > settings.maxDequeueCount;
  if (fn.poison !== undefined && (text === undefined || exhausted)) return moveTo(fn.poison, message, hold);
  if (await succeeds(fn, message, text ?? message.messageText)) return hold.delete();
  if (fn.poison !== undefined && message.dequeueCount >= settings.maxDequeueCount)
    return moveTo(fn.poison, message, hold);
  return hold.release(settings.visibilityTimeoutMs);
}

async function succeeds(fn: QueueFunction, message: DequeuedMessageItem, text: string): Promise<boolean> {
  try {
    await fn.invoke(toQueueInvocation(fn.bindingName, message, text, fn.binary));
    return true;
  } catch {
    return false; // the invoker has logged it
  }
}

/** First the copy, then the deletion: a crash in between leaves two, never none. */
async function moveTo(poison: QueueClient, message: DequeuedMessageItem, hold: MessageHold): Promise<void> {
  await poison.createIfNotExists();
  await poison.sendMessage(message.messageText, { messageTimeToLive: -1 });
  await hold.delete();
}
