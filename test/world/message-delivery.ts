import type { MemoryQueues } from '../../shared/adapters/storage/memory-queues.ts';
import { type EpochMs, minutes, seconds } from '../../shared/domain/time.ts';
import type { Clock, QueueName } from '../../shared/ports.ts';
import type { Death } from './life.ts';

/** As in host.json: after so many deliveries that failed a message is poison. */
const MOST_DELIVERIES = 5;
/** A message whose handler threw comes back after this. */
const COMES_BACK_MS = seconds(30);
/** A message that a dead process had taken becomes visible again after this. */
const LEASE_MS = minutes(10);

const QUEUES: readonly QueueName[] = ['ticks', 'collections', 'results'];

export interface Delivered {
  queue: QueueName;
  message: unknown;
  outcome: 'done' | 'threw' | 'poison' | 'lost' | Death;
  error?: unknown;
}

/** What the Functions host does with queues, in virtual time: at least once, one at a time, poison after five failures. */
export interface MessageDelivery {
  nextAt(): EpochMs | undefined;
  /** Delivers the next message that is visible now, if any. */
  deliverOne(): Promise<Delivered | undefined>;
  /** The next `times` messages of a queue vanish. */
  lose(queue: QueueName, times: number): void;
}

interface Message {
  queue: QueueName;
  text: string;
  visibleAt: EpochMs;
  deliveries: number;
}

export function createMessageDelivery(
  queues: MemoryQueues,
  clock: Clock,
  handle: (queue: QueueName, message: unknown) => Promise<'done' | Death>,
): MessageDelivery {
  let returning: Message[] = [];
  const toLose = new Map<QueueName, number>();

  const take = (): Message | undefined => {
    const now = clock.now();
    const back = returning.find((m) => m.visibleAt <= now);
    if (back) {
      returning = returning.filter((m) => m !== back);
      return back;
    }
    for (const queue of QUEUES) {
      const [received] = queues.receive(queue, now, 1);
      if (received) return { queue, text: received.text, visibleAt: now, deliveries: 0 };
    }
    return undefined;
  };

  const isLost = (queue: QueueName): boolean => {
    const left = toLose.get(queue) ?? 0;
    if (left > 0) toLose.set(queue, left - 1);
    return left > 0;
  };

  const deliver = async ({ queue, text, deliveries }: Message): Promise<Delivered> => {
    const message: unknown = JSON.parse(text);
    if (isLost(queue)) return { queue, message, outcome: 'lost' };
    const comeBack = (afterMs: number) =>
      returning.push({ queue, text, deliveries: deliveries + 1, visibleAt: clock.now() + afterMs });
    try {
      const outcome = await handle(queue, message);
      if (outcome !== 'done') comeBack(LEASE_MS);
      return { queue, message, outcome };
    } catch (error) {
      if (deliveries + 1 >= MOST_DELIVERIES) return { queue, message, outcome: 'poison', error };
      comeBack(COMES_BACK_MS);
      return { queue, message, outcome: 'threw', error };
    }
  };

  return {
    nextAt: () => {
      const instants = [queues.nextVisibleAt(...QUEUES) ?? [], returning.map((m) => m.visibleAt)].flat();
      return instants.length === 0 ? undefined : Math.min(...instants);
    },
    deliverOne: async () => {
      const message = take();
      return message && deliver(message);
    },
    lose: (queue, times) => {
      toLose.set(queue, (toLose.get(queue) ?? 0) + times);
    },
  };
}
