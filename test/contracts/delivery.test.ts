import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { readHostSettings } from '../../infra/local/functions-host/host-json.ts';
import { startQueueListener } from '../../infra/local/functions-host/queue-listener.ts';
import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { queueName } from '../../shared/adapters/storage/storage-names.ts';
import { createStorageQueues } from '../../shared/adapters/storage/storage-queues.ts';
import { hours, minutes, seconds } from '../../shared/domain/time.ts';
import { chanceOf } from '../simulation/chance.ts';
import { Host } from '../simulation/host.ts';
import { START } from '../simulation/seed-plan.ts';
import { SimulatedTime } from '../simulation/simulated-time.ts';
import type { InvocationEnd, Simulation } from '../simulation/simulation.ts';
import { createMessageDelivery } from '../world/message-delivery.ts';
import { createVirtualClock } from '../world/virtual-clock.ts';
import { azuriteClients, namesOfItsOwn } from './azurite-state.ts';
import { type DeliveryEnd, deliveryContract } from './delivery.contract.ts';

const { queues: settings } = readHostSettings(
  JSON.parse(readFileSync(fileURLToPath(new URL('../../host.json', import.meta.url)), 'utf8')),
);
/** What both hosts in virtual time have in common: the settings of host.json, and nothing to close. */
const inVirtualTime = (pass: (ms: number) => Promise<void>, { deliveredAt }: ReturnType<typeof scripted>) => ({
  pass,
  settle: () => pass(hours(2)),
  comesBackMs: settings.visibilityTimeoutMs,
  mostDeliveries: settings.maxDequeueCount,
  noticedWithinMs: settings.maxPollingIntervalMs,
  heldMs: seconds(30),
  deliveredAt,
  close: async () => undefined,
});

/** How the deliveries end, one after the other, and when they were. */
function scripted(ends: DeliveryEnd[], now: () => number) {
  const startedAt = now();
  const at: number[] = [];
  return {
    deliveredAt: () => at,
    next: (): DeliveryEnd => ends[Math.min(at.push(now() - startedAt), ends.length) - 1] ?? 'done',
  };
}

deliveryContract('the embedded host on Azurite', async (ends) => {
  const { queues: service } = azuriteClients();
  const names = namesOfItsOwn();
  const name = queueName('results', names);
  const queue = service.getQueueClient(name);
  await queue.create();
  const faster = { ...settings, visibilityTimeoutMs: 1_000, maxDequeueCount: 3, maxPollingIntervalMs: 100 };
  const leaseMs = 1_000;
  const script = scripted(ends, Date.now);
  const listen = () =>
    startQueueListener(
      {
        name: `archive-${randomBytes(4).toString('hex')}`,
        bindingName: 'message',
        binary: false,
        queue,
        poison: service.getQueueClient(`${name}-poison`),
        leaseMs,
        invoke: async () => {
          if (script.next() === 'threw') throw new Error('as asked');
        },
      },
      faster,
      () => undefined,
    );
  let listener = ends[0] === 'crashed' ? undefined : listen();
  const { send } = createStorageQueues(service, names);
  return {
    comesBackMs: faster.visibilityTimeoutMs,
    mostDeliveries: faster.maxDequeueCount,
    noticedWithinMs: 1_000,
    heldMs: leaseMs,
    deliveredAt: script.deliveredAt,
    async send(message, delayMs) {
      await send('results', message, delayMs);
      if (listener) return;
      // a host that takes the message and is never seen again
      await queue.receiveMessages({ visibilityTimeout: leaseMs / 1_000 });
      script.next();
      listener = listen();
    },
    pass: sleep,
    async settle(deliveries) {
      await vi.waitFor(() => expect(script.deliveredAt().length).toBeGreaterThanOrEqual(deliveries), 30_000);
      await sleep(1_500);
    },
    async close() {
      listener?.stopTaking();
      await listener?.idle();
    },
  };
});

deliveryContract('the host of simulations', async (ends) => {
  const time = new SimulatedTime(START);
  const script = scripted(ends, () => time.now);
  const state = createMemoryState({ clock: { now: () => time.now } });
  const calm = {
    time,
    state,
    chance: chanceOf(7, 'order'),
    plan: { messageFaults: 0, heartbeatMs: minutes(1), ticksSkipped: [] },
    faultsLast: false,
    onSent: (_queue: string, _delayMs: number) => undefined,
    strike: () => undefined,
    anyInstance: () => ({}),
    invoke: (_instance: unknown, name: string, _work: unknown, end?: (end: InvocationEnd) => void) => {
      if (name !== 'results') return;
      const kind = script.next();
      end?.(kind === 'threw' ? { kind, error: 'as asked' } : kind === 'done' ? { kind, value: undefined } : { kind });
    },
  };
  // Of a simulation the host needs no more than this.
  new Host(calm as unknown as Simulation);
  const pass = async (ms: number) => {
    let over = false;
    time.after(ms, () => {
      over = true;
      return undefined;
    });
    await time.runUntil(() => over, Number.POSITIVE_INFINITY);
  };
  return {
    ...inVirtualTime(pass, script),
    async send(message, delayMs) {
      await state.queues.send('results', message, delayMs);
      calm.onSent('results', delayMs);
    },
  };
});

deliveryContract('the host of worlds in virtual time', async (ends) => {
  const clock = createVirtualClock(START);
  const script = scripted(ends, clock.now);
  const { queues } = createMemoryState({ clock });
  const delivery = createMessageDelivery(queues, clock, async () => {
    const end = script.next();
    if (end === 'threw') throw new Error('as asked');
    return end === 'done' ? 'done' : 'archive.afterBlob';
  });
  const pass = async (ms: number) => {
    const until = clock.now() + ms;
    for (let next = delivery.nextAt(); next !== undefined && next <= until; next = delivery.nextAt()) {
      clock.moveTo(next);
      await delivery.deliverOne();
    }
    clock.moveTo(until);
  };
  return {
    ...inVirtualTime(pass, script),
    send: (message, delayMs) => queues.send('results', message, delayMs),
  };
});
