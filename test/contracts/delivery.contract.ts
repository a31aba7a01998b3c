import { afterEach, describe, expect, it } from 'vitest';

/** How one delivery of a message ends. */
export type DeliveryEnd = 'done' | 'threw' | 'crashed';

export interface OpenDelivery {
  send(message: Record<string, unknown>, delayMs: number): Promise<void>;
  /** Lets `ms` pass, and whatever is due in it be delivered. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until there were so many deliveries, and then long enough for one more. */
  settle(deliveries: number): Promise<void>;
  /** When messages were delivered, in ms since the opening. */
  deliveredAt(): number[];
  /** What a message that failed waits for, in ms. */
  comesBackMs: number;
  /** For how long a message is at least hidden that a host has taken which then died, in ms. */
  heldMs: number;
  mostDeliveries: number;
  /** A message that is due waits no longer than this for somebody to look, in ms. */
  noticedWithinMs: number;
  close(): Promise<void>;
}

/**
 * What the receiving side does with messages of `results`: the host on real queues, and what plays it in virtual time.
 * @param open `ends` tells how each delivery ends; the last of them holds for all that follow
 */
export function deliveryContract(name: string, open: (ends: DeliveryEnd[]) => Promise<OpenDelivery>): void {
  describe(`${name} as a receiver of messages`, () => {
    let opened: OpenDelivery | undefined;
    afterEach(() => opened?.close());
    const openWith = async (...ends: DeliveryEnd[]): Promise<OpenDelivery> => {
      opened = await open(ends);
      return opened;
    };

    it('delivers a message once, and not before its whole seconds are over', async () => {
      const host = await openWith('done');
      await host.send({ attemptId: 'a', index: 0 }, 1_001);
      await host.pass(1_100);
      expect(host.deliveredAt()).toEqual([]);
      await host.settle(1);
      expect(host.deliveredAt()).toHaveLength(1);
    });

    it('delivers a message again that failed, not before its time, until it succeeds', async () => {
      const host = await openWith('threw', 'threw', 'done');
      await host.send({ attemptId: 'a', index: 0 }, 0);
      await host.settle(3);
      const [first = 0, second = 0, third = 0, ...others] = host.deliveredAt();
      expect(others).toEqual([]);
      // Real queues show a message up to a second early: their time has whole seconds.
      for (const waited of [second - first, third - second]) {
        expect(waited).toBeGreaterThan(host.comesBackMs - 1_000);
        expect(waited).toBeLessThanOrEqual(host.comesBackMs + host.noticedWithinMs);
      }
    });

    it('gives a message up that always fails', async () => {
      const host = await openWith('threw');
      await host.send({ attemptId: 'a', index: 0 }, 0);
      await host.settle(host.mostDeliveries);
      expect(host.deliveredAt()).toHaveLength(host.mostDeliveries);
    });

    it('delivers a message again whose host has died, but not while it may still live', async () => {
      const host = await openWith('crashed', 'done');
      await host.send({ attemptId: 'a', index: 0 }, 0);
      await host.settle(2);
      const [first = 0, second = 0, ...others] = host.deliveredAt();
      expect(others).toEqual([]);
      expect(second - first).toBeGreaterThan(host.heldMs - 1_000);
    });
  });
}
