/** Queues take 64 KiB; the rest is margin. Larger things are stored and the message names them. */
export const MESSAGE_BYTES = 48 * 1024;

/** @throws RangeError naming the queue when the message is too long */
export function messageText(queue: string, message: Record<string, unknown>): string {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  if (bytes > MESSAGE_BYTES)
    throw new RangeError(
      `message of ${bytes} bytes for the queue ${queue}: at most ${MESSAGE_BYTES}, send a reference`,
    );
  return text;
}

/** Where messages go that cannot be handled; a poison queue has none of its own. */
export const poisonQueueOf = (queue: string): string => (queue.endsWith('-poison') ? queue : `${queue}-poison`);

const LONGEST_DELAY_SECONDS = 7 * 86_400;

/**
 * Queues count a delay in whole seconds, at most seven days of them. Rounded up, so that a message never comes before
 * what it announces; cut at seven days, because a heartbeat finds the work anyway.
 */
export const visibilitySeconds = (delayMs: number): number =>
  Math.min(Math.ceil(Math.max(0, delayMs) / 1000), LONGEST_DELAY_SECONDS);
