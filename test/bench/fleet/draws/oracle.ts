import { DOCUMENTED, type Room, slotTimeOf } from '../../../world/ideal.ts';
import type { DrawnDevice } from './drawn-device.ts';

/**
 * A strong schedule that knows who is awake and stays so: whenever rate and session allow, the first device in order
 * of arrival that is awake through its `startDelay` (bench.md, "Oracle"). Not an upper bound.
 * @returns when each device's evidence would be there, in order of arrival, in seconds; Infinity if never
 */
export function oracleSchedule(fleet: readonly DrawnDevice[], room: Room = DOCUMENTED): number[] {
  const evidenceAtS = fleet.map(() => Number.POSITIVE_INFINITY);
  const left = new Set(fleet.keys());
  const busyUntilS: number[] = [];
  const submitsAtS: number[] = [];
  let nowS = 0;
  while (left.size > 0) {
    const roomAtS = Math.max(nowS, freeSessionAt(busyUntilS, nowS, room), nextPermitAt(submitsAtS, room));
    if (roomAtS > nowS) {
      nowS = roomAtS;
      continue;
    }
    const chosen = firstReady(fleet, left, nowS);
    if (chosen === undefined) {
      nowS = nextReadyAt(fleet, left, nowS);
      if (nowS === Number.POSITIVE_INFINITY) break;
      continue;
    }
    const endsAtS = nowS + slotTimeOf(chosen.device.times);
    evidenceAtS[chosen.place] = endsAtS;
    left.delete(chosen.place);
    submitsAtS.push(nowS);
    busyUntilS.push(endsAtS);
  }
  return evidenceAtS;
}

function firstReady(
  fleet: readonly DrawnDevice[],
  left: ReadonlySet<number>,
  nowS: number,
): { place: number; device: DrawnDevice } | undefined {
  for (const place of left) {
    const device = fleet[place];
    if (device !== undefined && readyFrom(device, nowS) === nowS) return { place, device };
  }
  return undefined;
}

const nextReadyAt = (fleet: readonly DrawnDevice[], left: ReadonlySet<number>, nowS: number): number =>
  [...left].reduce((least, place) => {
    const device = fleet[place];
    return device === undefined ? least : Math.min(least, readyFrom(device, nowS));
  }, Number.POSITIVE_INFINITY);

/** The first instant from `nowS` on at which a submit would start without the device falling asleep before. */
function readyFrom({ awake, arrivesAtS, times }: DrawnDevice, nowS: number): number {
  const fromS = Math.max(nowS, arrivesAtS);
  for (const span of awake) {
    const atS = Math.max(fromS, span.fromS);
    if (atS + times.startDelayS <= span.toS) return atS;
  }
  return Number.POSITIVE_INFINITY;
}

/** Sessions that have ended are forgotten on the way. */
function freeSessionAt(busyUntilS: number[], nowS: number, room: Room): number {
  const open = busyUntilS.filter((until) => until > nowS);
  busyUntilS.splice(0, busyUntilS.length, ...open);
  return open.length < room.sessions ? nowS : Math.min(...open);
}

const nextPermitAt = (submitsAtS: readonly number[], room: Room): number =>
  (submitsAtS[submitsAtS.length - room.submitsPerMinute] ?? Number.NEGATIVE_INFINITY) + 60;
