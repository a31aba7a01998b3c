import { hours } from '../../../shared/domain/time.ts';
import { devicesWith, drawFleet } from '../../world/fleet.ts';
import { idealSchedule, lowerBoundS, slotTimeOf } from '../../world/ideal.ts';
import { askForFleet, evidenceTimes } from './collecting-run.ts';
import type { Measured } from './seed-series.ts';

/** Far more than the slowest seed needs; a run that takes longer is broken. */
const MOST_HOURS = 72;

/** `awake-N`: everybody is awake, so only the schedule counts. @throws when the evidence of a device is missing */
export async function measureAwakeFleet(count: number, seed: number): Promise<Measured[]> {
  const drawn = drawFleet(count, seed);
  const slotTimes = drawn.map(slotTimeOf);
  const run = await askForFleet(devicesWith(drawn), seed);
  await run.world.runUntilEnded(run.collectionIds, { atMost: hours(MOST_HOURS) });
  const times = [...(await evidenceTimes(run)).values()];
  if (times.length !== count) throw new Error(`evidence of ${count - times.length} devices is missing`);

  const makespanS = Math.max(...times);
  const ideal = idealSchedule(slotTimes);
  const calls = run.world.tenant.state.record.countByEndpoint;
  const bounds = { makespanSeconds: makespanS, lowerBoundSeconds: lowerBoundS(slotTimes) };
  const figures: Measured[] = [
    againstIdeal('makespan', makespanS, ideal.makespanS),
    againstIdeal('time-to-evidence-mean', meanOf(times), meanOf(ideal.evidenceAtS)),
    ...[...calls].map(([endpoint, n]) => ({ figure: 'calls-per-task', value: n / count, unit: 'calls', endpoint })),
    { figure: 'polls-per-hour', value: (calls.get('listMachineActions') ?? 0) / (makespanS / 3600), unit: 'calls/h' },
  ];
  return figures.map((figure) => ({ ...figure, ...bounds }));
}

const againstIdeal = (figure: string, value: number, ideal: number): Measured => ({
  figure,
  value,
  unit: 's',
  against: 'ideal',
  ratio: value / ideal,
});

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
