import { describe, expect, it } from 'vitest';
import { timerSchedule } from '../../../../infra/local/functions-host/timer-schedule.ts';

const next = (text: string, after: string) =>
  new Date(timerSchedule(text, 'timer "t"').next(Date.parse(after))).toISOString();

describe('timer schedule', () => {
  it('reads six fields with seconds first, in UTC', () => {
    expect(next('30 5 14 * * *', '2026-11-24T14:00:00Z')).toBe('2026-11-24T14:05:30.000Z');
  });

  it('reads five fields as the same without seconds', () => {
    expect(next('*/10 * * * *', '2026-11-24T14:01:00Z')).toBe('2026-11-24T14:10:00.000Z');
  });

  it('comes strictly after the instant it is asked for', () => {
    expect(next('0 * * * * *', '2026-11-24T14:00:00Z')).toBe('2026-11-24T14:01:00.000Z');
  });

  it('wants both day fields to fit', () => {
    expect(next('0 0 0 13 * 5', '2026-11-24T00:00:00Z')).toBe('2027-08-13T00:00:00.000Z');
  });

  it.each(['every minute', '* * *', '0 61 * * * *', '0 0 0 L * *', '', '0 0 0 * * 5#2'])('refuses %j', (text) => {
    expect(() => timerSchedule(text, 'timer "t"')).toThrow('timer "t" has the schedule');
  });

  it('refuses a day that never comes', () => {
    expect(() => timerSchedule('0 0 0 30 2 *', 'timer "t"')).toThrow('never comes');
  });
});
