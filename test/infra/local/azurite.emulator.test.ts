import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, inject, it } from 'vitest';
import { STATE_ACCOUNT, startAzurite } from '../../../infra/local/azurite.ts';

describe('local Azurite', () => {
  it('gives every run two accounts that do not see each other', async () => {
    const state = BlobServiceClient.fromConnectionString(inject('stateConnectionString'));
    const results = BlobServiceClient.fromConnectionString(inject('resultConnectionString'));
    await state.getContainerClient('two-accounts').create();
    expect(await results.getContainerClient('two-accounts').exists()).toBe(false);
  });

  it('keeps what it acknowledged when it is stopped and started again on the same folder', async () => {
    const location = await mkdtemp(join(tmpdir(), 'holdfast-azurite-'));
    const first = await startAzurite({ location });
    const queue = QueueServiceClient.fromConnectionString(first.connectionString(STATE_ACCOUNT)).getQueueClient('kept');
    await queue.create();
    await queue.sendMessage('still here');
    await first.stop();
    const second = await startAzurite({ location });
    const again = QueueServiceClient.fromConnectionString(second.connectionString(STATE_ACCOUNT)).getQueueClient(
      'kept',
    );
    const { peekedMessageItems } = await again.peekMessages();
    expect(peekedMessageItems.map((message) => message.messageText)).toEqual(['still here']);
    await second.stop();
    await rm(location, { recursive: true, force: true });
  });

  it.skipIf(process.platform === 'win32')('does not outlive a parent that is killed', async () => {
    const url = new URL('../../../infra/local/azurite.ts', import.meta.url).href;
    const script = `const { startAzurite } = await import(${JSON.stringify(url)});
      console.log((await startAzurite()).pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(Number(line)), { timeout: 10_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
