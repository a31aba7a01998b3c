import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { AnonymousCredential, newPipeline, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeLimitFactory, timeLimitTablePolicy } from '../../../../shared/adapters/storage/storage-policies.ts';

describe('a storage service that never answers', () => {
  let server: Server;
  let url: string;
  let requests = 0;

  beforeAll(async () => {
    server = createServer(() => {
      requests += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/acct`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is given up by the tables, once, and named', async () => {
    const additionalPolicies = [timeLimitTablePolicy(50)];
    const table = new TableClient(url, 'work', { allowInsecureConnection: true, additionalPolicies });
    requests = 0;
    await expect(table.getEntity('p', 'k')).rejects.toThrow('the table service gave no answer within 0.05 s');
    expect(requests).toBe(1);
  });

  it('is given up by queues and blobs, once, and named', async () => {
    const pipeline = newPipeline(new AnonymousCredential());
    pipeline.factories.push(timeLimitFactory('queue', 50));
    requests = 0;
    const queue = new QueueServiceClient(url, pipeline).getQueueClient('ticks');
    await expect(queue.sendMessage('{}')).rejects.toThrow('the queue service gave no answer within 0.05 s');
    expect(requests).toBe(1);
  });
});
