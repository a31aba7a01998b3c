/** Bounds of a schedule (bench.md, "fleet"). All in seconds from the first request. */

export interface SlotTimes {
  startDelayS: number;
  runS: number;
  lagS: number;
}

export const slotTimeOf = ({ startDelayS, runS, lagS }: SlotTimes): number => startDelayS + runS + lagS;

export interface Room {
  submitsPerMinute: number;
  sessions: number;
}

export const DOCUMENTED: Room = { submitsPerMinute: 10, sessions: 25 };

export interface IdealSchedule {
  makespanS: number;
  /** When each task's evidence would be there, in order of arrival. */
  evidenceAtS: number[];
}

/**
 * What a scheduler without foresight could reach if it noticed everything at once: tasks in order of arrival, each to
 * the first free session as soon as the submit rate allows.
 * @param slotTimesS how long each task holds its session, in order of arrival
 */
export function idealSchedule(slotTimesS: readonly number[], room: Room = DOCUMENTED): IdealSchedule {
  const freeAt = new Array<number>(room.sessions).fill(0);
  const submitsAt: number[] = [];
  const evidenceAtS = slotTimesS.map((slotTime, place) => {
    const session = indexOfLeast(freeAt);
    const rateAt = (submitsAt[place - room.submitsPerMinute] ?? Number.NEGATIVE_INFINITY) + 60;
    const at = Math.max(freeAt[session] ?? 0, rateAt, submitsAt[place - 1] ?? 0);
    submitsAt.push(at);
    freeAt[session] = at + slotTime;
    return at + slotTime;
  });
  return { makespanS: Math.max(0, ...evidenceAtS), evidenceAtS };
}

/** No schedule at all can be faster. */
export function lowerBoundS(slotTimesS: readonly number[], room: Room = DOCUMENTED): number {
  const byRate = Math.floor((slotTimesS.length - 1) / room.submitsPerMinute) * 60 + Math.min(...slotTimesS);
  const bySessions = slotTimesS.reduce((sum, s) => sum + s, 0) / room.sessions;
  return Math.max(byRate, bySessions, ...slotTimesS);
}

function indexOfLeast(numbers: readonly number[]): number {
  let least = 0;
  numbers.forEach((n, at) => {
    if (n < (numbers[least] ?? 0)) least = at;
  });
  return least;
}
