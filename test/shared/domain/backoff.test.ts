import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Backoff,
  CALLBACK_FAULT,
  MOST_TRIES,
  nextWait,
  PARKING,
  REFUSED,
  RESOLVE_FAULT,
  RESULT_FAULT,
  SUBMIT_FAULT,
  waitAfter,
} from '../../../shared/domain/backoff.ts';

const ALL: [string, Backoff][] = Object.entries({
  PARKING,
  SUBMIT_FAULT,
  REFUSED,
  RESULT_FAULT,
  RESOLVE_FAULT,
  CALLBACK_FAULT,
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe.each(ALL)('waits of %s', (_, backoff) => {
  it('are at most twice the last one, whatever chance adds', () => {
    fc.assert(
      fc.property(fc.array(chance, { minLength: 2, maxLength: 30 }), (chances) => {
        let last: number | undefined;
        for (const each of chances) {
          const wait = nextWait(backoff, last, each);
          if (last !== undefined) expect(wait).toBeLessThanOrEqual(last * 2);
          expect(wait).toBeGreaterThan(0);
          expect(wait).toBeLessThanOrEqual(backoff.mostMs);
          last = wait;
        }
      }),
    );
  });

  it('begin with the first and grow to the longest, where they stay', () => {
    const waits: number[] = [];
    for (let n = 0; n < 20; n += 1) waits.push(nextWait(backoff, waits.at(-1), 0));
    expect(waits[0]).toBe(backoff.firstMs);
    expect(waits[1]).toBe(backoff.firstMs * 2);
    expect(waits.at(-1)).toBe(backoff.mostMs);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
  });

  it('grow from one failure to the next, until they are the longest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), chance, chance, (failures, a, b) => {
        const [now, next] = [waitAfter(backoff, failures, a), waitAfter(backoff, failures + 1, b)];
        expect(next).toBeLessThanOrEqual(backoff.mostMs);
        expect(next >= now || next >= backoff.mostMs * 0.75).toBe(true);
      }),
    );
  });

  it('differ by up to a quarter, so that those who failed together do not come back together', () => {
    expect(waitAfter(backoff, 1, 0)).toBe(backoff.firstMs);
    expect(waitAfter(backoff, 1, 0.999_999)).toBeCloseTo(backoff.firstMs * 0.75, -1);
  });
});

describe('what the outside contract promises', () => {
  it('a device is tried within a minute after it was parked first', () => {
    expect(PARKING.firstMs).toBeLessThanOrEqual(60_000);
  });

  it('a call or a result is tried at least six times, a result at most twelve', () => {
    expect(MOST_TRIES.submit).toBeGreaterThanOrEqual(6);
    expect(MOST_TRIES.result).toBeGreaterThanOrEqual(6);
    expect(MOST_TRIES.result).toBeLessThanOrEqual(12);
  });

  it('a callback is repeated twice within 90 s', () => {
    expect(waitAfter(CALLBACK_FAULT, 1, 0) + waitAfter(CALLBACK_FAULT, 2, 0)).toBeLessThanOrEqual(90_000);
  });
});
