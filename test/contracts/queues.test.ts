import { setTimeout as sleep } from 'node:timers/promises';
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
