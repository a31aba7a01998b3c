import { asciiJson } from './stored-text.ts';

/** Queues take 64 KiB; the rest is margin. Larger things are stored and the message names them. */
export const MESSAGE_BYTES = 48 * 1024;

/** @throws RangeError naming the queue when the message is too long */
export function messageText(queue: string, message: Record<string, unknown>): string {
  const text = asciiJson(message);
  const bytes = text.length;
  if (bytes > MESSAGE_BYTES)
    throw new RangeError(
      `message of ${bytes} bytes for the queue ${queue}: at most ${MESSAGE_BYTES}, send a reference`,
    );
  return text;
}

/** Messages travel as XML, which has no place for these, escaped or not; nothing that came from a queue holds any. */
const NOT_IN_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** The text itself, but for characters that no queue can carry. */
export const carriedText = (text: string): string => text.replace(NOT_IN_XML, '\ufffd');

/** Where messages go that cannot be handled; a poison queue has none of its own. */
export const poisonQueueOf = (queue: string): string => (queue.endsWith('-poison') ? queue : `${queue}-poison`);

const LONGEST_DELAY_SECONDS = 7 * 86_400;

/**
 * Queues count a delay in whole seconds, at most seven days of them. Rounded up, so that a message never comes before
 * what it announces; cut at seven days, because a heartbeat finds the work anyway.
 */
export const visibilitySeconds = (delayMs: number): number =>
  Math.min(Math.ceil(Math.max(0, delayMs) / 1000), LONGEST_DELAY_SECONDS);
