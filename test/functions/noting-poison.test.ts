import { InvocationContext } from '@azure/functions';
import { describe, expect, it, vi } from 'vitest';
import hostJson from '../../host.json' with { type: 'json' };
import { poisonDigest, readPoisonReasons } from '../../shared/use-cases/poison-reasons.ts';
import { createWorld } from '../world/world.ts';
import { aHoldfast } from './http/holdfast.ts';

const world = createWorld();
const holdfast = aHoldfast({}, world);
vi.mock('../../functions/runtime.ts', () => ({ runtime: async () => holdfast }));
const { notingPoison } = await import('../../functions/noting-poison.ts');

const delivery = (dequeueCount: number) => new InvocationContext({ triggerMetadata: { dequeueCount, id: 'm1' } });
const failing = notingPoison('results', async () => {
  throw new Error('the row is damaged');
});

describe('a message that cannot be handled', () => {
  it('has its reason kept at its last delivery, and no sooner; the failure stays one', async () => {
    const message = { attemptId: 'a1', index: 0 };
    await expect(failing(message, delivery(4))).rejects.toThrow('the row is damaged');
    expect(await readPoisonReasons(world.deps)).toEqual(new Map());
    await expect(failing(message, delivery(5))).rejects.toThrow('the row is damaged');
    const why = { queue: 'results', why: 'Error: the row is damaged', at: world.clock.now(), messageIds: ['m1'] };
    const digest = poisonDigest('results', '{"attemptId":"a1","index":0}');
    expect(await readPoisonReasons(world.deps)).toEqual(new Map([[digest, why]]));
  });

  it('has its last delivery where host.json says so', async () => {
    const last = hostJson.extensions.queues.maxDequeueCount;
    const message = { attemptId: 'a2', index: 0 };
    const kept = async () =>
      (await readPoisonReasons(world.deps)).has(poisonDigest('results', JSON.stringify(message)));
    await expect(failing(message, delivery(last - 1))).rejects.toThrow();
    expect(await kept()).toBe(false);
    await expect(failing(message, delivery(last))).rejects.toThrow();
    expect(await kept()).toBe(true);
  });
});
