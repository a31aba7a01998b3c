import { SUBMIT_WINDOW_MS } from '../limits.ts';
import { type EpochMs, minutes } from '../time.ts';
import { placesFrom } from './places.ts';

/** How long a live response action holds its session on average, where nothing better is known. In ms. Ours. */
export const TYPICAL_SLOT_MS = minutes(4);

/** What may be started from an instant on, under Defender's limits. */
export interface Room {
  /** Nothing starts before: the present, or the end of a pause. */
  from: EpochMs;
  /** At least 1. */
  submitsPerMinute: number;
  /** When the permits that are held return; the others are at hand. */
  permitsAt: readonly EpochMs[];
  /** Sessions that Holdfast may use, at least 1. */
  sessions: number;
  /** When the sessions in use may come free; the others are. */
  sessionsAt: readonly EpochMs[];
}

export interface Walk {
  /** When the next task may start. */
  nextAt(): EpochMs;
  /**
   * Starts one more task: with the next permit, in the next free session.
   * @param slotMs how long it holds its session
   * @param notBefore epoch ms, of a task that cannot start at once
   * @returns when it starts, never before the one before
   */
  start(slotMs: number, notBefore?: EpochMs): EpochMs;
}

/**
 * Walks through a schedule event by event: a permit returns a window after its submit, a session when its task is over.
 * The estimates in answers, the capacity and `npm run plan` all come from here. A step takes less than a microsecond.
 */
export function walkFrom({ from, submitsPerMinute, permitsAt, sessions, sessionsAt }: Room): Walk {
  const permits = placesFrom(from, submitsPerMinute, permitsAt);
  const slots = placesFrom(from, sessions, sessionsAt);
  let last = from;
  const nextAt = (): EpochMs => Math.max(last, permits.freeAt(), slots.freeAt());
  return {
    nextAt,
    start: (slotMs, notBefore = last) => {
      last = Math.max(nextAt(), notBefore);
      permits.take(last + SUBMIT_WINDOW_MS);
      slots.take(last + slotMs);
      return last;
    },
  };
}

/** What the tasks of a queue may expect, one being like the other. */
export interface Outlook {
  /** When the task at a place, from 1, may start. A later place never starts before. */
  startOf(place: number): EpochMs;
}

/** @param slotMs how long each task holds its session */
export function outlookOf(room: Room, slotMs: number): Outlook {
  const walk = walkFrom(room);
  const starts: EpochMs[] = [];
  return {
    startOf: (place) => {
      while (starts.length < place) starts.push(walk.start(slotMs));
      return starts[place - 1] ?? room.from;
    },
  };
}
