import type { QueueClient } from '@azure/storage-queue';
import type { InvocationResponse, RegisteredFunction, TypedData } from './functions-core.ts';
import type { QueueSettings } from './host-json.ts';
import { encodeMessage } from './queue-message.ts';
import { StartError } from './start-error.ts';

export type QueueOf = (connection: string, queueName: string) => QueueClient;

/** Sends what a function gave to its queue outputs; without any it does nothing. */
export type OutputWriter = (response: InvocationResponse) => Promise<void>;

/** @throws StartError when a function has an output that the embedded host does not write */
export function outputWriter(
  fn: RegisteredFunction,
  encoding: QueueSettings['messageEncoding'],
  queueOf: QueueOf,
): OutputWriter {
  const queues = new Map<string, QueueClient>();
  for (const [name, binding] of Object.entries(fn.metadata.bindings)) {
    if (binding.direction !== 'out' || binding.type.toLowerCase() === 'http') continue;
    if (binding.type !== 'queue' || typeof binding.queueName !== 'string')
      throw new StartError(
        `The function "${fn.metadata.name}" writes to a ${binding.type}, which the embedded host does not do`,
      );
    queues.set(name, queueOf(typeof binding.connection === 'string' ? binding.connection : '', binding.queueName));
  }
  return async ({ outputData = [], returnValue }) => {
    const values = [...outputData, ...(returnValue ? [{ name: '$return', data: returnValue }] : [])];
    for (const { name, data } of values) {
      const queue = queues.get(name);
      if (queue !== undefined) await send(queue, messagesOf(data), encoding);
    }
  };
}

async function send(queue: QueueClient, texts: string[], encoding: QueueSettings['messageEncoding']): Promise<void> {
  await queue.createIfNotExists();
  for (const text of texts) await queue.sendMessage(encodeMessage(text, encoding));
}

/** An array is one message for each of its elements. */
function messagesOf(data: TypedData): string[] {
  if (data.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    const elements = Array.isArray(value) ? value : [value];
    return elements.map((element) => (typeof element === 'string' ? element : JSON.stringify(element)));
  }
  if (data.bytes !== undefined) return [Buffer.from(data.bytes).toString('utf8')];
  return [data.string ?? String(data.int ?? data.double ?? '')];
}
