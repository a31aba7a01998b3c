import { describe, expect, it } from 'vitest';
import { idealSchedule } from '../../../world/ideal.ts';
import { drawAwake, drawLaptops, drawOffice, drawUrgentInBulk, withReports } from './draw-fleets.ts';
import { isAsleepAtStart, slotTimesOf } from './drawn-device.ts';
import { oracleSchedule } from './oracle.ts';

describe('the fleet of a seed', () => {
  it('is the same for everybody, and another for another seed', () => {
    expect(drawLaptops(50, 3)).toEqual(drawLaptops(50, 3));
    expect(drawLaptops(50, 4)).not.toEqual(drawLaptops(50, 3));
  });

  it('is asleep as often as it should be', () => {
    const share = (fleet: ReturnType<typeof drawOffice>) => fleet.filter(isAsleepAtStart).length / fleet.length;
    expect(share(drawOffice(5000, 1))).toBeCloseTo(0.3, 1);
    expect(share(drawLaptops(5000, 1))).toBeCloseTo(0.75, 1);
    expect(share(drawAwake(100, 1))).toBe(0);
  });

  it('asks for fifty urgent devices one by one within five hours', () => {
    const urgent = drawUrgentInBulk(1).filter((device) => device.urgent);
    const arrivals = urgent.map((device) => device.arrivesAtS);
    expect(arrivals).toHaveLength(50);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    expect(Math.max(...arrivals)).toBeLessThan(5 * 3600);
  });

  it('reports about daily, and only while it is awake', () => {
    for (const { awake, reportsAtS = [] } of withReports(drawLaptops(200, 1), 1)) {
      for (const [place, at] of reportsAtS.entries()) {
        if (place === 0) expect(at).toBeLessThan(0);
        else expect(at - (reportsAtS[place - 1] ?? 0)).toBeGreaterThanOrEqual(86_400 - 1e-6);
        if (place > 0) expect(awake.some(({ fromS, toS }) => fromS <= at && at < toS)).toBe(true);
      }
    }
  });
});

describe('the oracle', () => {
  it('is the ideal schedule where everybody is awake', () => {
    const fleet = drawAwake(300, 2);
    expect(oracleSchedule(fleet)).toEqual(idealSchedule(slotTimesOf(fleet)).evidenceAtS);
  });

  it('keeps to the submits and sessions there are, and to the hours of the devices', () => {
    const fleet = drawLaptops(400, 2);
    const slots = slotTimesOf(fleet);
    const runs = oracleSchedule(fleet).flatMap((endsAtS, place) => {
      const startsAtS = endsAtS - (slots[place] ?? 0);
      return Number.isFinite(endsAtS) ? [{ startsAtS, endsAtS, device: fleet[place] }] : [];
    });
    runs.sort((a, b) => a.startsAtS - b.startsAtS);
    for (const [place, { startsAtS, device }] of runs.entries()) {
      const tenBefore = runs[place - 10]?.startsAtS ?? Number.NEGATIVE_INFINITY;
      expect(startsAtS - tenBefore).toBeGreaterThanOrEqual(60 - 1e-6);
      expect(runs.filter((r) => r.startsAtS <= startsAtS && startsAtS < r.endsAtS - 1e-6).length).toBeLessThanOrEqual(
        25,
      );
      const beginsAtS = startsAtS + (device?.times.startDelayS ?? 0);
      expect(device?.awake.some(({ fromS, toS }) => fromS <= startsAtS + 1e-6 && beginsAtS <= toS + 1e-6)).toBe(true);
    }
  });
});
