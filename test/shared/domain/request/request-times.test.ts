import { describe, expect, it } from 'vitest';
import { readInstant } from '../../../../shared/domain/request/instant.ts';
import { addressTimeFault, defaultExpiry, expiryFault } from '../../../../shared/domain/request/request-times.ts';
import { NOON } from '../samples.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const iso = (at: number) => new Date(at).toISOString();

describe('the expiry of a request', () => {
  it('is seven days from now unless it is given', () => {
    expect(defaultExpiry(NOON)).toBe('2026-12-01T12:00:00.000Z');
    expect(expiryFault(defaultExpiry(NOON), NOON)).toBeUndefined();
  });

  it('lies in the future, at most 30 days ahead', () => {
    expect(expiryFault(iso(NOON), NOON)).toContain('in the future');
    expect(expiryFault(iso(NOON + 1), NOON)).toBeUndefined();
    expect(expiryFault(iso(NOON + 30 * DAY), NOON)).toBeUndefined();
    expect(expiryFault(iso(NOON + 30 * DAY + 1), NOON)).toContain('at most 30 days');
  });
});

describe('the time at which a device had an address', () => {
  it('lies in the past, as far as two clocks may differ', () => {
    expect(addressTimeFault(iso(NOON + 5 * MINUTE), NOON)).toBeUndefined();
    expect(addressTimeFault(iso(NOON + 5 * MINUTE + 1), NOON)).toContain('in the past');
  });

  it('lies no more than the 30 days back for which Defender knows it', () => {
    expect(addressTimeFault(iso(NOON - 30 * DAY), NOON)).toBeUndefined();
    expect(addressTimeFault(iso(NOON - 30 * DAY - 1), NOON)).toContain('last 30 days');
  });
});

describe('an instant at the edges of clock and calendar', () => {
  it.each([
    ['2026-11-24T23:59:59.999Z', '2026-11-24T23:59:59.999Z'],
    ['2026-11-24T10:00:00.5Z', '2026-11-24T10:00:00.500Z'],
    ['2026-11-24T10:00:00.05Z', '2026-11-24T10:00:00.050Z'],
    ['2026-11-24T23:59:00+23:59', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T00:00:00-23:59', '2026-11-24T23:59:00.000Z'],
    ['2026-01-31T00:00:00Z', '2026-01-31T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000Z'],
  ])('%s is %s', (text, utc) => {
    expect(readInstant(text)).toBe(utc);
  });

  it.each([
    '2026-11-24T10:60:00Z',
    '2026-11-24T10:00:60Z',
    '2026-11-24T10:00:00+24:00',
    '2026-11-24T10:00:00+00:60',
    '2026-11-31T10:00:00Z',
    '2026-11-00T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '2026-01-99T10:00:00Z',
    'at 2026-11-24T10:00:00Z',
    '2026-11-24T10:00:00Z or so',
  ])('%s is none', (text) => {
    expect(readInstant(text)).toBeUndefined();
  });
});
