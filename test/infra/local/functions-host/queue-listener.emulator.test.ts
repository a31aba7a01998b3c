import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InvocationRequest } from '../../../../infra/local/functions-host/functions-core.ts';
import type { QueueSettings } from '../../../../infra/local/functions-host/host-json.ts';
import { type QueueListener, startQueueListener } from '../../../../infra/local/functions-host/queue-listener.ts';
import { queueClient, textsIn } from './fixture-host.ts';

const settings: QueueSettings = {
  batchSize: 2,
  newBatchThreshold: 1,
  maxDequeueCount: 3,
  visibilityTimeoutMs: 0,
  maxPollingIntervalMs: 100,
  messageEncoding: 'none',
};
const listeners: QueueListener[] = [];
const someName = () => `listener-${randomBytes(6).toString('hex')}`;

type Handler = (text: string, dequeueCount: number) => Promise<void>;

function listen(name: string, handler: Handler, changed: Partial<QueueSettings> = {}, leaseMs = 30_000): QueueListener {
  const invoke = ({ inputData, triggerMetadata }: InvocationRequest) =>
    handler(inputData[0]?.data.string ?? '', triggerMetadata.DequeueCount?.int ?? 0);
  const fn = {
    name: 'take',
    bindingName: 'item',
    binary: false,
    queue: queueClient(name),
    poison: name.endsWith('-poison') ? undefined : queueClient(`${name}-poison`),
    leaseMs,
    invoke,
  };
  const listener = startQueueListener(fn, { ...settings, ...changed }, () => undefined);
  listeners.push(listener);
  return listener;
}

async function filled(texts: string[], name = someName()): Promise<string> {
  await queueClient(name).create();
  for (const text of texts) await queueClient(name).sendMessage(text);
  return name;
}

const left = async (name: string) => (await queueClient(name).getProperties()).approximateMessagesCount;

afterEach(async () => {
  for (const listener of listeners) listener.stopTaking();
  await Promise.all(listeners.splice(0).map((listener) => listener.idle()));
});

describe('queue listener', () => {
  it('creates a queue that is missing', async () => {
    const name = someName();
    listen(name, async () => undefined);
    await vi.waitFor(async () => expect(await queueClient(name).exists()).toBe(true), 5_000);
  });

  it('decodes base64 where host.json says so, and moves what is none to the poison queue unread', async () => {
    const name = await filled([Buffer.from('{"a":"ü"}').toString('base64'), 'plain {text}']);
    const texts: string[] = [];
    listen(name, async (text) => void texts.push(text), { messageEncoding: 'base64' });
    await vi.waitFor(async () => expect(await left(name)).toBe(0), 5_000);
    expect(texts).toEqual(['{"a":"ü"}']);
    expect(await textsIn(`${name}-poison`)).toEqual(['plain {text}']);
  });

  it('tells how often a message was tried, and is content with a late success', async () => {
    const name = await filled(['stubborn']);
    const counts: number[] = [];
    listen(name, async (_, dequeueCount) => {
      counts.push(dequeueCount);
      if (dequeueCount < 3) throw new Error('not yet');
    });
    await vi.waitFor(async () => expect(await left(name)).toBe(0), 5_000);
    expect(counts).toEqual([1, 2, 3]);
    expect(await textsIn(`${name}-poison`)).toEqual([]);
  });

  it('moves a message whose last try died with its host to the poison queue without running it', async () => {
    const name = await filled(['deadly']);
    await queueClient(name).receiveMessages({ visibilityTimeout: 1 });
    const handler = vi.fn<Handler>();
    listen(name, handler, { maxDequeueCount: 1 });
    await vi.waitFor(async () => expect(await textsIn(`${name}-poison`)).toEqual(['deadly']), 5_000);
    expect(handler).not.toHaveBeenCalled();
  });

  it('hides a message that failed for visibilityTimeout', async () => {
    const name = await filled(['again']);
    const at: number[] = [];
    listen(
      name,
      async () => {
        at.push(Date.now());
        if (at.length === 1) throw new Error('once');
      },
      { visibilityTimeoutMs: 1_000 },
    );
    await vi.waitFor(() => expect(at).toHaveLength(2), 8_000);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(700); // without it: the next look, 100 ms later
  });

  it('keeps a message hidden while it is processed, however long that takes', async () => {
    const name = await filled(['long']);
    const handler = vi.fn<Handler>(() => pause(2_300));
    listen(name, handler, {}, 1_000);
    listen(name, handler, {}, 1_000);
    await vi.waitFor(async () => expect(await left(name)).toBe(0), 8_000);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('processes at most batchSize + newBatchThreshold messages at once', async () => {
    const name = await filled(Array.from({ length: 12 }, (_, i) => `m${i}`));
    let [now, most] = [0, 0];
    listen(name, async () => {
      most = Math.max(most, ++now);
      await pause(50);
      now--;
    });
    await vi.waitFor(async () => expect(await left(name)).toBe(0), 8_000);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('finishes what it has taken before it is idle, and takes nothing more', async () => {
    const name = await filled(['first']);
    const started = Promise.withResolvers<void>();
    const listener = listen(name, async () => {
      started.resolve();
      await pause(300);
    });
    await started.promise;
    listener.stopTaking();
    await queueClient(name).sendMessage('second');
    await listener.idle();
    expect(await textsIn(name)).toEqual(['second']);
  });
});
