import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SubmitGuard } from '../../../shared/domain/attempt.ts';
import type { DefenderLimits } from '../../../shared/domain/limits.ts';
import {
  afterShown,
  ceilingAt,
  lastSession,
  sessionsKnown,
  slotLimitOf,
} from '../../../shared/domain/session-limit.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { LIMITS, NOON } from './samples.ts';

const GUARD: SubmitGuard = { tenantId: 'contoso', refusals: 0 };
/** 25 configured, 2 of them for people, up to 50 tried. */
const UP_TO_50: DefenderLimits = { ...LIMITS, sessionsMost: 50 };

const shown = (count: number, askedAt = NOON) => ({ count, askedAt });

/**
 * Work without end in a tenant with so many sessions, minute by minute: some actions end in each, and Defender shows what is
 * open then.
 */
function learn(sessionsAt: (minute: number) => number, limits: DefenderLimits, forMinutes: number) {
  let guard = GUARD;
  let inUse = 0;
  const refusedAt: number[] = [];
  for (let minute = 0; minute < forMinutes; minute += 1) {
    const now = NOON + minutes(minute);
    guard = afterShown(guard, shown(inUse, now), limits, now);
    inUse = Math.max(0, inUse - 5);
    while (inUse < slotLimitOf(guard, limits, now)) {
      if (inUse < sessionsAt(minute)) inUse += 1;
      else {
        refusedAt.push(minute);
        guard = lastSession(guard, inUse, limits, now);
        break;
      }
    }
  }
  return { guard, refusedAt, limit: slotLimitOf(guard, limits, NOON + minutes(forMinutes)) };
}

describe('how many sessions may be used', () => {
  it('is what is configured, less what is left to people, where no more may be tried', () => {
    expect(slotLimitOf(GUARD, LIMITS, NOON)).toBe(23);
    expect(afterShown(GUARD, shown(23), LIMITS, NOON)).toBe(GUARD);
    expect(lastSession(GUARD, 23, LIMITS, NOON)).toBe(GUARD);
    expect(sessionsKnown(GUARD, LIMITS)).toBe(25);
  });

  it('is one more at a time, while Defender opens it, up to what is set', () => {
    expect(slotLimitOf(GUARD, UP_TO_50, NOON)).toBe(24);
    const raised = afterShown(GUARD, shown(24), UP_TO_50, NOON);
    expect(slotLimitOf(raised, UP_TO_50, NOON + minutes(1) - 1)).toBe(24);
    expect(slotLimitOf(raised, UP_TO_50, NOON + minutes(1))).toBe(25);
    expect(afterShown(raised, shown(24), UP_TO_50, NOON)).toBe(raised);
    const { guard, refusedAt, limit } = learn(() => 100, UP_TO_50, 120);
    expect(limit).toBe(48);
    expect(sessionsKnown(guard, UP_TO_50)).toBe(50);
    expect(refusedAt).toEqual([]);
  });

  it('ends where Defender has no more: people get back theirs, and nobody asks again for hours', () => {
    const { refusedAt, limit } = learn(() => 31, UP_TO_50, 300);
    expect(refusedAt).toHaveLength(1);
    expect(limit).toBe(29);
    expect(learn(() => 31, UP_TO_50, 13 * 60).refusedAt.length).toBeLessThanOrEqual(4);
  });

  it('falls back to what is configured where the number does not hold', () => {
    // As many as actions are pending, which may hold none; then they run.
    const { refusedAt, limit } = learn((minute) => (minute < 120 ? 100 : 25), UP_TO_50, 300);
    expect(refusedAt.length).toBeLessThanOrEqual(2);
    expect(limit).toBe(23);
  });

  it('says nothing where people hold some of those configured', () => {
    expect(lastSession(GUARD, 20, UP_TO_50, NOON)).toBe(GUARD);
    const raised = afterShown(GUARD, shown(30), UP_TO_50, NOON);
    expect(lastSession(raised, 22, UP_TO_50, NOON)).toBe(raised);
    expect(slotLimitOf(lastSession(raised, 26, UP_TO_50, NOON), UP_TO_50, NOON)).toBe(24);
  });

  it('is not believed beyond what may be tried by now', () => {
    const raised = afterShown(GUARD, shown(48), UP_TO_50, NOON);
    expect(sessionsKnown(raised, LIMITS)).toBe(25);
    expect(slotLimitOf(raised, LIMITS, NOON)).toBe(23);
  });

  it('is never less than configured, nor more than is set, whatever was seen', () => {
    const seen = fc.array(fc.tuple(fc.boolean(), fc.nat(80), fc.nat(hours(12))), { maxLength: 30 });
    fc.assert(
      fc.property(seen, (all) => {
        let now = NOON;
        let guard = GUARD;
        for (const [opened, slots, afterMs] of all) {
          now += afterMs;
          guard = opened
            ? afterShown(guard, shown(slots, now), UP_TO_50, now)
            : lastSession(guard, slots, UP_TO_50, now);
          expect(slotLimitOf(guard, UP_TO_50, now)).toBeGreaterThanOrEqual(23);
          expect(slotLimitOf(guard, UP_TO_50, now)).toBeLessThanOrEqual(48);
        }
      }),
    );
  });

  it('is as many as Defender shows open after a refusal, though replies of some were still on their way', () => {
    const guard: SubmitGuard = { ...GUARD, sessionCeiling: ceilingAt(17, NOON) };
    const corrected = afterShown(guard, shown(22, NOON + 1), LIMITS, NOON + 1);
    expect(slotLimitOf(corrected, LIMITS, NOON + 1)).toBe(22);
    expect(corrected.sessionCeiling?.until).toBe(guard.sessionCeiling?.until);
    expect(afterShown(guard, shown(17, NOON + 1), LIMITS, NOON + 1)).toBe(guard);
  });

  it('is no more than the refusal taught, whatever Defender showed open before it', () => {
    const guard: SubmitGuard = { ...GUARD, sessionCeiling: ceilingAt(17, NOON) };
    expect(afterShown(guard, shown(22, NOON - 1), LIMITS, NOON + 1)).toBe(guard);
  });

  it('grows as before once the ceiling is doubted, whatever Defender shows open by then', () => {
    const guard: SubmitGuard = { ...GUARD, sessionCeiling: ceilingAt(17, NOON) };
    const until = NOON + minutes(3);
    expect(afterShown(guard, shown(18, until), LIMITS, until)).toBe(guard);
  });

  it('gives way to a ceiling that a refusal taught, until that is doubted', () => {
    const guard: SubmitGuard = { ...GUARD, sessionCeiling: { sessions: 4, until: NOON } };
    expect(slotLimitOf(guard, UP_TO_50, NOON - 1)).toBe(4);
    expect(slotLimitOf(guard, UP_TO_50, NOON)).toBe(5);
    expect(slotLimitOf(guard, UP_TO_50, NOON + minutes(5))).toBe(24);
  });
});
