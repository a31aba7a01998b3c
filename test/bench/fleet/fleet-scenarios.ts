import { drawAwake, drawLaptops, drawOffice } from './draws/draw-fleets.ts';
import type { DrawnDevice } from './draws/drawn-device.ts';

/** A fleet, how long it is looked at, and at which hours its evidence is counted. */
export interface FleetScenario {
  name: string;
  draw(seed: number): DrawnDevice[];
  horizonHours: number;
  evidenceHours: readonly number[];
  /** Seeds that fit into the time of a bench run, Holdfast's real use cases included. */
  seeds: number;
}

/** Fleets of which some sleep. */
export const SLEEPING_FLEETS: readonly FleetScenario[] = [
  {
    name: 'office-500',
    draw: (seed) => drawOffice(500, seed),
    horizonHours: 96,
    evidenceHours: [1, 8, 72],
    seeds: 3,
  },
  {
    name: 'laptops-2000',
    draw: (seed) => drawLaptops(2000, seed),
    horizonHours: 168,
    evidenceHours: [6, 24, 168],
    seeds: 1,
  },
];

/** All awake: only baselines are replayed here, Holdfast has a measurement of its own for them. */
export const AWAKE_FLEETS: readonly FleetScenario[] = [200, 1000].map((count) => ({
  name: `awake-${count}`,
  draw: (seed) => drawAwake(count, seed),
  horizonHours: 72,
  evidenceHours: [1],
  seeds: 20,
}));
