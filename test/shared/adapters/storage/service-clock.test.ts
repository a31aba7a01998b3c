import { describe, expect, it } from 'vitest';
import { createServiceClock, settleClock } from '../../../../shared/adapters/storage/service-clock.ts';

const NOON = Date.parse('2026-03-02T12:00:00.000Z');

/** A machine whose clock is off, and answers of a service whose clock is right. */
function machine(offMs: number, trueNow = { at: NOON + 400 }) {
  const clock = createServiceClock({ now: () => trueNow.at + offMs });
  return {
    clock,
    pass: (ms: number) => {
      trueNow.at += ms;
    },
    trueNow: () => trueNow.at,
    ask: (thereMs = 5, backMs = 5) => {
      const sentAt = clock.machineNow();
      trueNow.at += thereMs;
      const date = Math.floor(trueNow.at / 1000) * 1000;
      trueNow.at += backMs;
      clock.heard({ sentAt, receivedAt: clock.machineNow(), date });
    },
  };
}

describe('a clock that hears the time of the storage', () => {
  it.each([0, 1_500, -1_500])('is the machine clock where that is %i ms off', (offMs) => {
    const { clock, ask, pass } = machine(offMs);
    for (let i = 0; i < 50; i += 1) {
      ask();
      pass(37);
    }
    expect(clock.now()).toBe(clock.machineNow());
    expect(clock.uncertaintyMs()).toBe(0);
  });

  it.each([120_000, -120_000, 4_000, -4_000])('is right within half a second after one answer, %i ms off', (offMs) => {
    const { clock, ask, trueNow } = machine(offMs);
    ask();
    expect(Math.abs(clock.now() - trueNow())).toBeLessThanOrEqual(510);
  });

  it.each([120_000, -120_000, 4_000, -4_000])('is right within 50 ms after a second of answers, %i ms off', (offMs) => {
    const { clock, ask, pass, trueNow } = machine(offMs);
    for (let i = 0; i < 34; i += 1) {
      ask();
      pass(20);
    }
    expect(Math.abs(clock.now() - trueNow())).toBeLessThanOrEqual(50);
  });

  it('learns nothing wrong from an answer that took long', () => {
    const { clock, ask, pass, trueNow } = machine(60_000);
    for (let i = 0; i < 34; i += 1) {
      ask();
      pass(20);
    }
    ask(20_000, 20_000);
    expect(Math.abs(clock.now() - trueNow())).toBeLessThanOrEqual(60);
  });

  it('follows when the machine clock is set', () => {
    let offMs = 90_000;
    let at = NOON;
    const clock = createServiceClock({ now: () => at + offMs });
    const ask = () => {
      clock.heard({ sentAt: at + offMs, receivedAt: at + offMs, date: Math.floor(at / 1000) * 1000 });
      at += 30;
    };
    for (let i = 0; i < 40; i += 1) ask();
    offMs = -30_000;
    for (let i = 0; i < 40; i += 1) ask();
    expect(Math.abs(clock.now() - at)).toBeLessThanOrEqual(60);
  });

  it('is asked no more than needed: not at all where the machine is right', async () => {
    const { clock, ask } = machine(10);
    let asked = 0;
    ask();
    await settleClock(clock, async () => {
      asked += 1;
    });
    expect(asked).toBe(0);
  });
});
