import { describe, expect, it } from 'vitest';
import { pollingInterval } from '../../../../infra/local/functions-host/polling-interval.ts';

const average = () => 0.5;

describe('polling interval', () => {
  it('grows from 100 ms to the limit while the queue is empty', () => {
    const interval = pollingInterval(2_000, average);
    expect(Array.from({ length: 7 }, () => interval.next())).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
  });

  it('starts again after a message', () => {
    const interval = pollingInterval(2_000, average);
    interval.next();
    interval.next();
    interval.reset();
    expect(interval.next()).toBe(100);
  });
});
