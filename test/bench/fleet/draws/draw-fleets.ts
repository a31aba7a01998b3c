import { mulberry32 } from '../../../../infra/local/simulated-tenant/model/random.ts';
import { drawFleet, drawSlotTimes } from '../../../world/fleet.ts';
import { type AwakeSpan, awakeDevice, type DrawnDevice } from './drawn-device.ts';

/** The fleets of bench.md, "fleet", drawn number by number so that anyone can draw the same ones. */

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

export const drawAwake = (count: number, seed: number): DrawnDevice[] => drawFleet(count, seed).map(awakeDevice);

/** 30% asleep at the start, then awake 8 h and asleep 16 h from an instant within 72 h; the others stay awake. */
export function drawOffice(count: number, seed: number): DrawnDevice[] {
  const u = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const device = awakeDevice(drawSlotTimes(u));
    if (u() >= 0.3) return device;
    const wakesAtS = 72 * u() * HOUR_S;
    return { ...device, awake: officeDays(wakesAtS) };
  });
}

/** Far enough for any request of the scenario to have expired. */
const OFFICE_DAYS = 30;

const officeDays = (wakesAtS: number): AwakeSpan[] =>
  Array.from({ length: OFFICE_DAYS }, (_, day) => {
    const fromS = wakesAtS + day * DAY_S;
    return { fromS, toS: fromS + 8 * HOUR_S };
  });

const LAPTOPS_AWAKE_MEAN_S = 3 * HOUR_S;
const LAPTOPS_ASLEEP_MEAN_S = 9 * HOUR_S;

/** A quarter awake at first; spells of random length until seven days are covered. */
export function drawLaptops(count: number, seed: number): DrawnDevice[] {
  const u = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const device = awakeDevice(drawSlotTimes(u));
    const awake: AwakeSpan[] = [];
    let isAwake = u() < 0.25;
    for (let atS = 0; atS < 7 * DAY_S; isAwake = !isAwake) {
      const lengthS = -(isAwake ? LAPTOPS_AWAKE_MEAN_S : LAPTOPS_ASLEEP_MEAN_S) * Math.log(1 - u());
      if (isAwake) awake.push({ fromS: atS, toS: atS + lengthS });
      atS += lengthS;
    }
    return { ...device, awake };
  });
}

/** 2,000 devices in bulk at the start, and 50 urgent ones that come one by one within five hours. */
export function drawUrgentInBulk(seed: number): DrawnDevice[] {
  const u = mulberry32(seed);
  const all = Array.from({ length: 2050 }, () => awakeDevice(drawSlotTimes(u)));
  const arrivals = Array.from({ length: 50 }, () => 5 * u() * HOUR_S).sort((a, b) => a - b);
  return all.map((device, place) => {
    const arrivesAtS = arrivals[place - 2000];
    return arrivesAtS === undefined ? device : { ...device, arrivesAtS, urgent: true };
  });
}

/** What separates the stream of the reports from that of the devices. */
const REPORTS_SEED = 777_777;

/** The same fleet with the full reports that `lastSeen` shows: about daily, and some time after waking. */
export function withReports(fleet: readonly DrawnDevice[], seed: number): DrawnDevice[] {
  const v = mulberry32(seed + REPORTS_SEED);
  return fleet.map((device) => ({ ...device, reportsAtS: drawReports(device, v) }));
}

function drawReports({ awake }: DrawnDevice, v: () => number): number[] {
  const awakeAtStart = awake[0]?.fromS === 0;
  let lastS = -DAY_S * (awakeAtStart ? v() : 1 + v());
  const reports = [lastS];
  for (const { fromS, toS } of awake) {
    // a draw for each wake, whether its report is due or not, so that the stream does not depend on the outcome
    const wakes = fromS > 0;
    const afterWakeS = wakes ? fromS + 600 * v() : lastS + DAY_S;
    let atS = wakes && afterWakeS - lastS < DAY_S ? lastS + DAY_S : afterWakeS;
    for (; atS < Math.min(toS, 30 * DAY_S); atS += DAY_S) {
      reports.push(atS);
      lastS = atS;
    }
  }
  return reports;
}
