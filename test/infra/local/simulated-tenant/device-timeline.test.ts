import { describe, expect, it } from 'vitest';
import { awakePattern, isAwake, runStart } from '../../../../infra/local/simulated-tenant/model/device-timeline.ts';

const NEVER = Number.POSITIVE_INFINITY;

describe('the start of a run', () => {
  it('comes a start delay after the submit on a device that is awake', () => {
    expect(runStart(awakePattern('always', 0, 1), 100, 20, NEVER)).toBe(120);
  });

  it('comes a start delay after waking on a device that slept', () => {
    expect(runStart(awakePattern({ asleepForMs: 500 }, 0, 1), 100, 20, NEVER)).toBe(520);
  });

  it('is counted anew when the device falls asleep too soon', () => {
    const spells = [
      { fromMs: 0, toMs: 110 },
      { fromMs: 200, toMs: 215 },
      { fromMs: 300, toMs: 400 },
    ];
    expect(runStart(awakePattern({ spells }, 0, 1), 100, 20, NEVER)).toBe(320);
  });

  it('repeats with the days of a device', () => {
    const office = awakePattern({ firstWakeMs: 100, awakeMs: 8, asleepMs: 16 }, 0, 1);
    expect([50, 100, 107, 108, 123, 124, 131].map((at) => isAwake(office, at))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
    expect(runStart(office, 105, 5, NEVER)).toBe(129);
  });

  it('never comes on a device that never wakes, or never stays awake', () => {
    expect(runStart(awakePattern('never', 0, 1), 0, 20, NEVER)).toBe(NEVER);
    expect(runStart(awakePattern({ firstWakeMs: 0, awakeMs: 8, asleepMs: 16 }, 0, 1), 0, 20, NEVER)).toBe(NEVER);
  });

  it('comes sooner where time is scaled', () => {
    expect(runStart(awakePattern({ asleepForMs: 600 }, 1000, 60), 1000, 0, NEVER)).toBe(1010);
  });
});
