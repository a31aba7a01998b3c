import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { storageCode } from './storage-fault.ts';

/** A message that is kept hidden from others while it is processed, however long that takes. */
export interface MessageHold {
  delete(): Promise<void>;
  /** shows it again after `hiddenMs` */
  release(hiddenMs: number): Promise<void>;
  /** ends the renewals */
  stop(): Promise<void>;
}

/** @param onLost told when a renewal failed; the message may then be processed twice */
export function holdMessage(
  queue: QueueClient,
  message: DequeuedMessageItem,
  leaseMs: number,
  onLost: (error: unknown) => void,
): MessageHold {
  let { popReceipt } = message;
  let renewal: Promise<void> = Promise.resolve();
  const hide = async (hiddenMs: number) => {
    // every update gives a new receipt, and only the newest one is good
    const answer = await queue.updateMessage(message.messageId, popReceipt, undefined, Math.ceil(hiddenMs / 1000));
    popReceipt = answer.popReceipt ?? popReceipt;
  };
  const timer = setInterval(() => {
    renewal = renewal.then(() => hide(leaseMs)).catch(onLost);
  }, leaseMs / 3);
  const stop = async () => {
    clearInterval(timer);
    await renewal;
  };
  return {
    stop,
    async delete() {
      await stop();
      await unlessGone(queue.deleteMessage(message.messageId, popReceipt));
    },
    async release(hiddenMs) {
      await stop();
      await unlessGone(hide(hiddenMs));
    },
  };
}

/** A message that another host has taken meanwhile is that host's affair. */
async function unlessGone(action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch (error) {
    const code = storageCode(error);
    if (code !== 'MessageNotFound' && code !== 'PopReceiptMismatch') throw error;
  }
}
