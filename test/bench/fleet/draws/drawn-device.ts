import type { DeviceInput } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { devicesWith } from '../../../world/fleet.ts';
import { type SlotTimes, slotTimeOf } from '../../../world/ideal.ts';

/** A time awake, in seconds from the start; `toS` not included and perhaps Infinity. */
export interface AwakeSpan {
  fromS: number;
  toS: number;
}

/** One device of a fleet as bench.md draws it. All in seconds from the start. */
export interface DrawnDevice {
  times: SlotTimes;
  /** In order, none touching the next. */
  awake: readonly AwakeSpan[];
  /** When it is asked for. */
  arrivesAtS: number;
  urgent: boolean;
  /** Full reports that `GET /api/machines` shows; absent: no hints. */
  reportsAtS?: readonly number[];
}

const ALWAYS: readonly AwakeSpan[] = [{ fromS: 0, toS: Number.POSITIVE_INFINITY }];

export const awakeDevice = (times: SlotTimes): DrawnDevice => ({ times, awake: ALWAYS, arrivesAtS: 0, urgent: false });

export const isAsleepAtStart = ({ awake }: DrawnDevice): boolean => (awake[0]?.fromS ?? Number.POSITIVE_INFINITY) > 0;

export const isAwakeAt = ({ awake }: DrawnDevice, atS: number): boolean =>
  awake.some(({ fromS, toS }) => fromS <= atS && atS < toS);

/** Seconds asleep from the start until `untilS`. */
export function asleepSeconds({ awake }: DrawnDevice, untilS: number): number {
  const spent = awake.reduce((sum, { fromS, toS }) => sum + Math.max(0, Math.min(toS, untilS) - fromS), 0);
  return Math.max(0, untilS - spent);
}

/** What the simulated tenant is told of the fleet. */
export function deviceInputs(fleet: readonly DrawnDevice[]): DeviceInput[] {
  const days = fleet.map(daysOf);
  return devicesWith(fleet.map(({ times }) => times)).map((input, place) => ({ ...input, ...days[place] }));
}

function daysOf({ awake, reportsAtS }: DrawnDevice): Partial<DeviceInput> {
  const spells = awake.map(({ fromS, toS }) => ({ fromMs: fromS * 1000, toMs: Math.min(toS, FOREVER_S) * 1000 }));
  return {
    awake: awake === ALWAYS ? 'always' : { spells },
    ...(reportsAtS === undefined ? {} : { reportsAtMs: reportsAtS.map((s) => s * 1000) }),
  };
}

/** Longer than any scenario: spells of the tenant have an end. */
const FOREVER_S = 3600 * 24 * 365;

export const slotTimesOf = (fleet: readonly DrawnDevice[]): number[] => fleet.map(({ times }) => slotTimeOf(times));
