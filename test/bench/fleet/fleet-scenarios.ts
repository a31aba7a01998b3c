import type { ScenarioInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { DOCUMENTED } from '../../world/ideal.ts';
import { drawAwake, drawLaptops, drawOffice, drawUrgentInBulk, withReports } from './draws/draw-fleets.ts';
import type { DrawnDevice } from './draws/drawn-device.ts';
import { type FleetRequest, requestsByArrival, stormOfAlerts } from './fleet-requests.ts';
import { awakeRows, type FleetRows, hostileRows, sleepingRows, stormRows, urgentRows } from './rows/fleet-rows.ts';

/** One story of bench.md, "fleet": who is asked for, what the tenant does meanwhile, and what is counted. */
export interface FleetScenario {
  name: string;
  draw(seed: number): DrawnDevice[];
  requests(fleet: readonly DrawnDevice[]): FleetRequest[];
  rows: FleetRows;
  /** How long it is looked at. */
  horizonHours: number;
  /** Rows say so: the tenant's machine list tells when devices were last seen. Other products never look at it. */
  hints?: true;
  switches?: ScenarioInput['switches'];
  /** How often the host crashes. */
  crashEveryS?: number;
}

const awake = (count: number): FleetScenario => ({
  name: `awake-${count}`,
  draw: (seed) => drawAwake(count, seed),
  requests: requestsByArrival,
  rows: awakeRows,
  // a loop that takes one device after the other needs four weeks for ten thousand
  horizonHours: Math.max(72, count / 12),
});

/** @param evidenceHours at which the evidence is counted */
const sleeping = (
  name: string,
  draw: FleetScenario['draw'],
  evidenceHours: readonly number[],
  horizonHours: number,
): FleetScenario => ({ name, draw, requests: requestsByArrival, rows: sleepingRows(evidenceHours), horizonHours });

const office = sleeping('office-500', (seed) => drawOffice(500, seed), [1, 8, 72], 96);
const laptops = sleeping('laptops-2000', (seed) => drawLaptops(2000, seed), [6, 24, 168], 168);

const withHints = (scenario: FleetScenario): FleetScenario => ({
  ...scenario,
  draw: (seed) => withReports(scenario.draw(seed), seed),
  hints: true,
});

const urgentInBulk: FleetScenario = {
  name: 'urgent-in-bulk',
  draw: drawUrgentInBulk,
  requests: requestsByArrival,
  rows: urgentRows,
  horizonHours: 200,
};

/** What `floor(9u)` sessions of people leave on average of 25. */
const LEFT_BY_PEOPLE = 21;
const MINUTE_MS = 60_000;

const hostile: FleetScenario = {
  ...awake(1000),
  name: 'hostile',
  rows: hostileRows({ ...DOCUMENTED, sessions: LEFT_BY_PEOPLE }),
  switches: {
    faultRates: [
      { endpoint: '*', probability: 0.02, fault: { kind: 'loseReply' } },
      { endpoint: '*', probability: 0.05, fault: { kind: 'error', status: 503 } },
    ],
    throttleSpells: { everyMs: 10 * MINUTE_MS, forMs: 20_000, retryAfterSeconds: 10 },
    readGapMs: 5_000,
    portalSessions: { below: 9, redrawMs: 10 * MINUTE_MS },
  },
  crashEveryS: 120,
};

const storm: FleetScenario = {
  name: 'storm',
  draw: (seed) => drawAwake(20, seed),
  requests: stormOfAlerts,
  rows: stormRows,
  horizonHours: 72,
};

/** The longest first, so that no thread is left alone with one at the end. */
export const FLEET_SCENARIOS: readonly FleetScenario[] = [
  awake(10_000),
  laptops,
  withHints(laptops),
  office,
  withHints(office),
  awake(1000),
  urgentInBulk,
  hostile,
  awake(200),
  storm,
];
