import { mulberry32 } from '../../infra/local/simulated-tenant/model/random.ts';
import type { DeviceInput } from '../../infra/local/simulated-tenant/model/scenario.ts';
import type { SlotTimes } from './ideal.ts';

/** The fleet of a seed, drawn so that anyone can draw the same one (bench.md, "fleet"). In seconds. */
export function drawFleet(count: number, seed: number): SlotTimes[] {
  const u = mulberry32(seed);
  return Array.from({ length: count }, () => drawSlotTimes(u));
}

/** The times of one device, by the next four numbers of its fleet's stream. */
export function drawSlotTimes(u: () => number): SlotTimes {
  const startDelayS = 20 + 100 * u();
  const z = Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const runS = Math.min(600, Math.exp(Math.log(150) + 0.6 * z));
  return { startDelayS, runS, lagS: 5 + 35 * u() };
}

const nameOf = (kind: string, place: number): string => `${kind}${String(place).padStart(5, '0')}.contoso.com`;

/** Devices that take the times given; awake unless told otherwise. */
export function devicesWith(times: readonly SlotTimes[], more: Partial<DeviceInput> = {}, kind = 'ws'): DeviceInput[] {
  return times.map(({ startDelayS, runS, lagS }, place) => ({
    computerDnsName: nameOf(kind, place),
    startDelayMs: startDelayS * 1000,
    runMs: runS * 1000,
    lagMs: lagS * 1000,
    ...more,
  }));
}

/** Slot time 150 s: begins after 60 s, runs 60 s, lags 30 s. */
const TYPICAL: SlotTimes = { startDelayS: 60, runS: 60, lagS: 30 };

/** Devices that are all alike: awake, with a slot time of 150 s for one command, unless told otherwise. */
export function devices(count: number, more: Partial<DeviceInput> = {}, kind = 'ws'): DeviceInput[] {
  return devicesWith(
    Array.from({ length: count }, () => TYPICAL),
    more,
    kind,
  );
}

/** One device, as `devices` makes them. */
export function device(more: Partial<DeviceInput> = {}): DeviceInput {
  return { computerDnsName: 'anna.contoso.com', startDelayMs: 60_000, runMs: 60_000, lagMs: 30_000, ...more };
}
