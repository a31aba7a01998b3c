import { hours } from '../../../shared/domain/time.ts';
import { idealSchedule, lowerBoundS } from '../../world/ideal.ts';
import { drawAwake } from './draws/draw-fleets.ts';
import { slotTimesOf } from './draws/drawn-device.ts';
import { runHoldfast } from './holdfast-run.ts';
import type { Measured } from './seed-series.ts';

/** Far more than the slowest seed needs; a run that takes longer is broken. */
const MOST_HOURS = 72;

/**
 * `awake-N`: everybody is awake, so only the schedule counts.
 * @throws when the evidence of a device is missing, a limit was broken or an attempt ran twice: such a run measures nothing
 */
export async function measureAwakeFleet(count: number, seed: number): Promise<Measured[]> {
  const fleet = drawAwake(count, seed);
  const { evidenceAtS: times, calls, wrongs } = await runHoldfast({ fleet, horizonS: hours(MOST_HOURS) / 1000 }, seed);
  if (wrongs.length > 0) throw new Error(`the run is not valid: ${wrongs.join('; ')}`);
  const missing = times.filter((at) => !Number.isFinite(at)).length;
  if (missing > 0) throw new Error(`evidence of ${missing} devices is missing`);

  const makespanS = Math.max(...times);
  const slotTimes = slotTimesOf(fleet);
  const ideal = idealSchedule(slotTimes);
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
