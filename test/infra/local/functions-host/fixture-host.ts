import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueServiceClient } from '@azure/storage-queue';
import { inject } from 'vitest';
import { buildApp } from '../../../../infra/build.ts';

/** Bundles the fixture app into a folder of its own, just as the product is bundled. */
export async function buildFixtureApp(): Promise<string> {
  const entry = fileURLToPath(new URL('./fixture-app/index.ts', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-fixture-'));
  return (await buildApp({ entry, appFile: join(folder, 'fixture.cjs') })).appFile;
}

export interface FixtureSettings {
  env: Record<string, string>;
  queueName: string;
  /** names apart the timers of this test */
  hostId: string;
}

export function fixtureSettings(extra: Record<string, string> = {}): FixtureSettings {
  const queueName = `fixture-${randomBytes(6).toString('hex')}`;
  const env = {
    AzureWebJobsStorage: inject('stateConnectionString'),
    FIXTURE_QUEUE: queueName,
    FIXTURE_SCHEDULE: '0 0 0 1 1 *',
    ...extra,
  };
  return { env, queueName, hostId: queueName };
}

export function queueClient(name: string) {
  return QueueServiceClient.fromConnectionString(inject('stateConnectionString')).getQueueClient(name);
}

export async function textsIn(name: string): Promise<string[]> {
  const queue = queueClient(name);
  if (!(await queue.exists())) return [];
  return (await queue.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.map((m) => m.messageText);
}

export const hostJson = (queues: Record<string, unknown> = {}) => ({
  version: '2.0',
  extensions: {
    queues: {
      batchSize: 4,
      maxDequeueCount: 2,
      visibilityTimeout: '00:00:00',
      maxPollingInterval: '00:00:00.200',
      messageEncoding: 'none',
      ...queues,
    },
  },
});
