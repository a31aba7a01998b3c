import { describe, expect, it } from 'vitest';
import { awakeDevice, type DrawnDevice } from '../draws/drawn-device.ts';
import { requestsByArrival } from '../fleet-requests.ts';
import type { Baseline } from './baseline.ts';
import { bulkScript, elastic, vmray } from './list-pollers.ts';
import { mdeAutomator, naiveLoop, splunkSoar, xsoar } from './one-by-one-pollers.ts';
import { runBaseline } from './run-baseline.ts';

const DAY_HOURS = 24;
const awake = (count: number): DrawnDevice[] =>
  Array.from({ length: count }, () => awakeDevice({ startDelayS: 60, runS: 60, lagS: 30 }));
const asleep = (): DrawnDevice => ({ ...awake(1)[0], awake: [] }) as DrawnDevice;

const run = (baseline: Baseline, fleet: DrawnDevice[]) => {
  const scenario = { draw: () => fleet, requests: requestsByArrival, horizonHours: DAY_HOURS };
  const { evidenceAtS, lost, calls } = runBaseline(baseline, scenario, 1);
  return {
    held: evidenceAtS.filter(Number.isFinite).length,
    lastAtS: Math.max(...evidenceAtS.filter(Number.isFinite)),
    lost: Object.fromEntries(lost),
    calls: Object.fromEntries(calls),
  };
};

describe('other products on one awake device', () => {
  it.each([
    [mdeAutomator, 158],
    [xsoar, 150],
    [splunkSoar, 150],
    [vmray, 155],
    [elastic, 180],
    [naiveLoop, 150],
  ])('$name has its evidence when it first looks after the end', (baseline, expectedS) => {
    const { held, lastAtS, lost } = run(baseline, awake(1));
    expect({ held, lost }).toEqual({ held: 1, lost: {} });
    expect(lastAtS).toBe(expectedS);
  });
});

describe('other products on many devices at once', () => {
  it('fail what is refused with 429 where they do not wait for their turn', () => {
    for (const baseline of [xsoar, elastic])
      expect(run(baseline, awake(30))).toMatchObject({ held: 10, lost: { 'submit refused': 20 } });
  });

  it('lose actions to their own polling where each is polled alone', () => {
    expect(run(splunkSoar, awake(10)).lost).toEqual({ 'poll refused': 10 });
  });

  it('are slow where one device is served after the other', () => {
    expect(run(naiveLoop, awake(10))).toMatchObject({ held: 10, lastAtS: 1500 });
  });
});

describe('other products on a device that sleeps', () => {
  it.each([
    [mdeAutomator, 'gave up after 11 minutes'],
    [xsoar, 'gave up after 10 minutes'],
    [vmray, 'gave up after 10 minutes'],
    [bulkScript, 'gave up after 10 minutes'],
    [naiveLoop, 'gave up after an hour'],
  ])('$name gives it up', (baseline, why) => {
    expect(run(baseline, [asleep()])).toMatchObject({ held: 0, lost: { [why]: 1 } });
  });
});
