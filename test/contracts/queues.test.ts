import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { queueName } from '../../shared/adapters/storage/storage-names.ts';
import { createStorageQueues } from '../../shared/adapters/storage/storage-queues.ts';
import { azuriteClients, namesOfItsOwn } from './azurite-state.ts';
import { queuesContract } from './queues.contract.ts';

queuesContract('memory', async () => {
  let now = Date.UTC(2026, 10, 24);
  const { queues } = createMemoryState({ clock: { now: () => now } });
  return {
    queues,
    receive: async (queue) => queues.receive(queue).map(({ text }) => text),
    pass: async (ms) => {
      now += ms;
    },
  };
});

describe('a message of a storage queue', () => {
  it('comes again when its time is over, counted, and is then not for the first to delete', async () => {
    const queue = azuriteClients().queues.getQueueClient(`receipts-${randomUUID()}`);
    await queue.create();
    await queue.sendMessage('once');
    const receive = async () => (await queue.receiveMessages({ visibilityTimeout: 1 })).receivedMessageItems[0];
    const first = await receive();
    expect(first?.dequeueCount).toBe(1);
    expect(await receive()).toBeUndefined();
    const again = await vi.waitUntil(receive, 10_000);
    expect(again).toMatchObject({ messageId: first?.messageId, dequeueCount: 2 });
    const remove = (popReceipt = '') => queue.deleteMessage(again.messageId, popReceipt);
    await expect(remove(first?.popReceipt)).rejects.toThrow();
    await remove(again.popReceipt);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });
});

queuesContract('storage queues on Azurite', async () => {
  const { queues: service } = azuriteClients();
  const names = namesOfItsOwn();
  return {
    queues: createStorageQueues(service, names),
    receive: async (name) => {
      const queue = service.getQueueClient(queueName(name, names));
      if (!(await queue.exists())) return [];
      const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
      for (const { messageId, popReceipt } of receivedMessageItems) await queue.deleteMessage(messageId, popReceipt);
      return receivedMessageItems.map(({ messageText }) => messageText);
    },
    // The service keeps its own time: the only real waiting in these suites.
    pass: (ms) => sleep(ms),
  };
});
