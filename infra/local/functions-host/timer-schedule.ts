import { Cron } from 'croner';
import { StartError } from './start-error.ts';

export interface TimerSchedule {
  /** the first occurrence later than `after`, epoch ms */
  next(after: number): number;
  /** shortest time between two occurrences near `from`, ms */
  shortestIntervalMs(from: number): number;
}

/**
 * NCRONTAB as the Functions host reads it: six fields with seconds first (five without), in UTC, and a day must
 * fit both the day-of-month and the day-of-week field.
 * @param what the timer, for the message
 * @throws StartError when the text is no such schedule or names a day that never comes
 */
export function timerSchedule(text: string, what: string): TimerSchedule {
  // the cron library knows signs (L, W, #, ?) that NCRONTAB does not
  if (!/^[\d\sA-Za-z*,/-]+$/.test(text) || /\b\d*[LW]\b/i.test(text)) throw notASchedule(text, what);
  const cron = parse(text, what);
  const next = (after: number): number => {
    const found = cron.nextRun(new Date(after));
    if (found === null) throw new StartError(`${what} has the schedule "${text}", which never comes`);
    return found.getTime();
  };
  next(Date.now());
  return {
    next,
    shortestIntervalMs(from) {
      const first = next(from);
      const second = next(first);
      return Math.min(second - first, next(second) - second);
    },
  };
}

function parse(text: string, what: string): Cron {
  try {
    return new Cron(text.trim(), { timezone: 'UTC', mode: '5-or-6-parts', domAndDow: true, paused: true });
  } catch (error) {
    throw notASchedule(text, what, error);
  }
}

function notASchedule(text: string, what: string, cause?: unknown): StartError {
  const fields = 'six fields: second minute hour day month day-of-week';
  return new StartError(`${what} has the schedule "${text}", which is no NCRONTAB expression (${fields})`, cause);
}
