import { idealSchedule, lowerBoundS, type Room } from '../../../world/ideal.ts';
import { isAsleepAtStart, slotTimesOf } from '../draws/drawn-device.ts';
import { type FleetOutcome, heldBy, heldInAll, lastEvidenceS } from '../outcome.ts';
import { against, type Measured } from './row.ts';
import { probesPerSleeperDay, sleeperSlotTime } from './sleepers.ts';

/** What all systems are measured against on the fleet of a seed. */
export interface Bests {
  /** When each device's evidence would be there by the oracle, in seconds; Infinity if never. */
  oracleAtS: readonly number[];
  horizonS: number;
}

/** The figures of one system on the fleet of one seed (bench.md, "fleet"). */
export type FleetRows = (outcome: FleetOutcome, bests: Bests) => Measured[];

/** What every row carries besides its own figure. */
export function boundsOf({ fleet, evidenceAtS }: FleetOutcome, { oracleAtS }: Bests): Partial<Measured> {
  return {
    makespanSeconds: lastEvidenceS(evidenceAtS),
    lowerBoundSeconds: lowerBoundS(slotTimesOf(fleet)),
    oracleSeconds: lastEvidenceS(oracleAtS),
  };
}

export const awakeRows: FleetRows = (outcome) => {
  const { fleet, evidenceAtS, calls } = outcome;
  const ideal = idealSchedule(slotTimesOf(fleet));
  const pollsPerHour = (calls.get('listMachineActions') ?? 0) / Math.max(1 / 3600, lastEvidenceS(evidenceAtS) / 3600);
  return [
    ...whenAllIsHeld(outcome, () => [
      against('ideal', 'makespan', 's', lastEvidenceS(evidenceAtS), ideal.makespanS),
      against('ideal', 'time-to-evidence-mean', 's', meanOf(evidenceAtS), meanOf(ideal.evidenceAtS)),
    ]),
    ...lossesAndCalls(outcome),
    { figure: 'polls-per-hour', value: pollsPerHour, unit: 'calls/h' },
  ];
};

/** @param hours at which evidence is counted */
export const sleepingRows =
  (hours: readonly number[]): FleetRows =>
  (outcome, bests) => [
    ...hours.map((h) => {
      const best = heldBy(bests.oracleAtS, h * 3600);
      return against('oracle', `evidence-${h}h`, 'count', heldBy(outcome.evidenceAtS, h * 3600), best);
    }),
    ...lossesAndCalls(outcome),
    ...sleeperRows(outcome, bests),
  ];

function sleeperRows(outcome: FleetOutcome, { horizonS }: Bests): Measured[] {
  if (!outcome.fleet.some(isAsleepAtStart)) return [];
  return [
    { figure: 'sleeper-slot-time', value: sleeperSlotTime(outcome), unit: 'probes' },
    { figure: 'probes-per-sleeper-day', value: probesPerSleeperDay(outcome, horizonS), unit: 'probes' },
  ];
}

export const urgentRows: FleetRows = (outcome, bests) => {
  const { fleet, actionsOf, evidenceAtS } = outcome;
  const waits = fleet.flatMap(({ urgent, arrivesAtS }, place) =>
    urgent ? [(actionsOf[place]?.[0]?.fromS ?? Number.POSITIVE_INFINITY) - arrivesAtS] : [],
  );
  return [
    // one that was never submitted has no wait that could be told
    ...[50, 99]
      .map((p) => ({ figure: `accept-to-submit-p${p}`, value: nearestRank(waits, p), unit: 's' }))
      .filter(({ value }) => Number.isFinite(value)),
    ...whenAllIsHeld(outcome, () => [
      // everybody is awake: the oracle is the ideal schedule, arrivals included
      against('ideal', 'makespan', 's', lastEvidenceS(evidenceAtS), lastEvidenceS(bests.oracleAtS)),
    ]),
    ...lossesAndCalls(outcome),
  ];
};

/** @param room what the ideal schedule has of sessions and submits */
export const hostileRows =
  (room: Room): FleetRows =>
  (outcome) => {
    const ideal = idealSchedule(slotTimesOf(outcome.fleet), room);
    return [
      ...lossesAndCalls(outcome),
      ...whenAllIsHeld(outcome, () => [
        against('ideal', 'makespan', 's', lastEvidenceS(outcome.evidenceAtS), ideal.makespanS),
      ]),
    ];
  };

/** One run serves many: what ran once for every request that names it has run often enough. */
export const stormRows: FleetRows = (outcome) => {
  const actions = outcome.actionsOf.flat().length;
  return [
    { figure: 'actions-per-device', value: actions / outcome.fleet.length, unit: 'actions' },
    { figure: 'requests-lost', value: outcome.targetsLost, unit: 'requests' },
    ...lossesAndCalls(outcome).filter(({ figure }) => figure !== 'runs-twice'),
  ];
};

/** No makespan without the evidence of all: who gives up early would seem fast. */
const whenAllIsHeld = (outcome: FleetOutcome, rows: () => Measured[]): Measured[] =>
  heldInAll(outcome) === outcome.fleet.length ? rows() : [];

/** Those that a line each is worth; `other` is everything but submits and links, `all` is all. */
const ENDPOINTS = [
  'runLiveResponse',
  'listMachineActions',
  'getMachineAction',
  'cancelMachineAction',
  'getResultLink',
  'listMachines',
] as const;

function lossesAndCalls(outcome: FleetOutcome): Measured[] {
  const { fleet, calls, actionsOf, limitsBroken } = outcome;
  const held = heldInAll(outcome);
  const ranTwice = actionsOf.filter((actions) => actions.filter(({ ran }) => ran).length > 1).length;
  const perTask = (endpoint: string, made: number): Measured[] =>
    held === 0 ? [] : [{ figure: 'calls-per-task', value: made / held, unit: 'calls', endpoint }];
  const all = [...calls.values()].reduce((sum, n) => sum + n, 0);
  const needed = (calls.get('runLiveResponse') ?? 0) + (calls.get('getResultLink') ?? 0);
  return [
    { figure: 'evidence-lost', value: fleet.length - held, unit: 'count' },
    { figure: 'runs-twice', value: ranTwice, unit: 'count' },
    { figure: 'limits-broken', value: limitsBroken, unit: 'count' },
    ...ENDPOINTS.flatMap((endpoint) => perTask(endpoint, calls.get(endpoint) ?? 0)),
    ...perTask('all', all),
    ...perTask('other', all - needed),
  ];
}

/** The least of the values that is not below `percent` of them. */
export function nearestRank(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.POSITIVE_INFINITY;
}

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
