import type { EpochMs } from '../../domain/time.ts';
import type { Clock, Queues } from '../../ports.ts';
import { carriedText, messageText, poisonQueueOf, visibilitySeconds } from './queue-messages.ts';

export interface ReceivedMessage {
  messageId: string;
  text: string;
}

/** The queues of a process without storage, with the other end for tests: they take messages out as the host would. */
export interface MemoryQueues extends Queues {
  /** Takes out, oldest first, the messages that are visible at `now` (the clock's, if unset). */
  receive(queue: string, now?: EpochMs, max?: number): ReceivedMessage[];
  /** When the next message of any of these queues (of all, if unset) becomes visible. */
  nextVisibleAt(...queues: string[]): EpochMs | undefined;
}

interface Waiting extends ReceivedMessage {
  visibleAt: EpochMs;
}

export function createMemoryQueues(clock: Clock): MemoryQueues {
  const queues = new Map<string, Waiting[]>();
  let sent = 0;
  const append = (queue: string, text: string, delayMs: number) => {
    const messages = queues.get(queue) ?? [];
    messages.push({ messageId: `m${++sent}`, text, visibleAt: clock.now() + delayMs });
    queues.set(queue, messages);
  };

  return {
    async send(queue, message, delayMs = 0) {
      append(queue, messageText(queue, message), visibilitySeconds(delayMs) * 1000);
    },

    async sendText(queue, text) {
      append(poisonQueueOf(queue), carriedText(text), 0);
    },

    async depth(queue) {
      return queues.get(queue)?.length ?? 0;
    },

    receive(queue, now = clock.now(), max = Number.POSITIVE_INFINITY) {
      const messages = queues.get(queue) ?? [];
      const taken = messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, max);
      const gone = new Set(taken);
      queues.set(
        queue,
        messages.filter((message) => !gone.has(message)),
      );
      return taken.map(({ messageId, text }) => ({ messageId, text }));
    },

    nextVisibleAt(...names) {
      const watched = names.length > 0 ? names : [...queues.keys()];
      const instants = watched.flatMap((name) => (queues.get(name) ?? []).map(({ visibleAt }) => visibleAt));
      return instants.length > 0 ? instants.reduce((a, b) => Math.min(a, b)) : undefined;
    },
  };
}
