import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SubmitGuard } from '../../../shared/domain/attempt.ts';
import { MOST_TRIES } from '../../../shared/domain/backoff.ts';
import {
  afterFault,
  asleep,
  busy,
  guardAfterAnswer,
  guardAfterFault,
  guardAfterRefusal,
  neverSent,
  reasonOfRefusal,
  refusedForNow,
  type SubmitRefusal,
  sessionFailed,
} from '../../../shared/domain/submit-outcome.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { transition } from '../../../shared/domain/task-transitions.ts';
import { days, minutes, seconds } from '../../../shared/domain/time.ts';
import { aTask, attemptId, LIMITS, NOON } from './samples.ts';

const CALM: SubmitGuard = { tenantId: 'default', refusals: 0 };
const refused = (guard: SubmitGuard, reason: 'SubmitRate' | 'NoSlot', retryAfterMs?: number, now = NOON) =>
  guardAfterRefusal(guard, reason, {
    slotsInUse: 7,
    now,
    chance: 0,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** The task after an attempt that ended like this. */
function fallenBack(task: Task, refusal: SubmitRefusal): Task {
  if (refusal.kind !== 'setBack') throw new Error('not set back');
  const at = NOON;
  const id = attemptId(1);
  const submitting = transition(task, { type: 'submitting', at, attemptId: id });
  const { to, waiting, cause } = refusal;
  return transition(submitting, { type: 'setBack', at, attemptId: id, to, waiting, cause });
}

describe('a 429', () => {
  it('is for the rate when it would have been the last of our minute, else for sessions that others hold', () => {
    expect(reasonOfRefusal(LIMITS.submitsPerMinute - 1, LIMITS)).toBe('SubmitRate');
    expect(reasonOfRefusal(LIMITS.submitsPerMinute - 2, LIMITS)).toBe('NoSlot');
    expect(reasonOfRefusal(0, { ...LIMITS, submitsPerMinute: 1 })).toBe('NoSlot');
  });

  it('pauses every submit for as long as Defender says', () => {
    expect(refused(CALM, 'SubmitRate', seconds(47))).toMatchObject({
      pausedUntil: NOON + seconds(47),
      pauseReason: 'SubmitRate',
      refusals: 1,
    });
  });

  it('without a word from Defender pauses twice as long each time', () => {
    const first = refused(CALM, 'SubmitRate');
    const second = refused(first, 'SubmitRate', undefined, first.pausedUntil);
    const wait1 = (first.pausedUntil ?? 0) - NOON;
    const wait2 = (second.pausedUntil ?? 0) - (first.pausedUntil ?? 0);
    expect(wait1).toBeGreaterThan(0);
    expect(wait2).toBe(wait1 * 2);
  });

  it('in a burst counts once: what was on its way is refused for the same reason', () => {
    const first = refused(CALM, 'SubmitRate');
    expect(refused(first, 'SubmitRate', undefined, NOON + 1).refusals).toBe(1);
    expect(guardAfterFault(first, NOON + 1, 0).refusals).toBe(1);
    expect(refused(first, 'SubmitRate', undefined, first.pausedUntil).refusals).toBe(2);
  });

  it('counts again after a proper answer, also within a pause that runs on', () => {
    const paused = guardAfterAnswer(refused(CALM, 'SubmitRate', seconds(60)), NOON);
    expect(paused.refusals).toBe(0);
    expect(refused(paused, 'SubmitRate').refusals).toBe(1);
  });

  it('never shortens a pause that is under way', () => {
    expect(refused(refused(CALM, 'SubmitRate', seconds(60)), 'NoSlot', seconds(1)).pausedUntil).toBe(
      NOON + seconds(60),
    );
  });

  it('for sessions teaches how many there are for us, for a while; for the rate it teaches nothing', () => {
    expect(refused(CALM, 'NoSlot').sessionCeiling).toEqual({ sessions: 7, until: NOON + seconds(180) });
    expect(refused(CALM, 'SubmitRate')).not.toHaveProperty('sessionCeiling');
    const none = guardAfterRefusal(CALM, 'NoSlot', { slotsInUse: 0, now: NOON, chance: 0 });
    expect(none.sessionCeiling?.sessions).toBe(1);
  });

  it('lets the task keep its place in the queue', () => {
    const task = fallenBack(aTask(), refusedForNow('NoSlot'));
    expect(task).toMatchObject({ state: 'queued', waiting: { reason: 'NoSlot' }, submitFaults: 0 });
    expect(task.waiting).not.toHaveProperty('retryAt');
  });
});

describe('the guard', () => {
  it('pauses while Defender does not answer, longer each time', () => {
    const once = guardAfterFault(CALM, NOON, 0);
    const twice = guardAfterFault(once, once.pausedUntil ?? 0, 0);
    expect(once).toMatchObject({ pauseReason: 'DefenderUnavailable', refusals: 1 });
    expect((twice.pausedUntil ?? 0) - (once.pausedUntil ?? 0)).toBe(2 * ((once.pausedUntil ?? 0) - NOON));
  });

  it('keeps the reason of a pause that Defender asked for, also where a fault’s would end with it', () => {
    const faulty = guardAfterFault(CALM, NOON, 0);
    const asked = refused(CALM, 'SubmitRate', (faulty.pausedUntil ?? 0) - NOON);
    expect(guardAfterFault(asked, NOON, 0)).toMatchObject({ pauseReason: 'SubmitRate' });
    expect(guardAfterFault(CALM, NOON, 0)).toMatchObject({ pauseReason: 'DefenderUnavailable' });
  });

  it('is at peace after a proper answer', () => {
    expect(guardAfterAnswer(guardAfterFault(CALM, NOON, 0), NOON)).toEqual(CALM);
    expect(guardAfterAnswer(refused(CALM, 'SubmitRate', 0), NOON)).toEqual(CALM);
  });

  it('is not written when there was nothing to clear', () => {
    expect(guardAfterAnswer(CALM, NOON)).toBe(CALM);
  });

  it('keeps a pause that Defender asked for, whatever answers come meanwhile', () => {
    const asked = refused(CALM, 'SubmitRate', seconds(60));
    const pause = { pausedUntil: NOON + seconds(60), pauseReason: 'SubmitRate' };
    expect(guardAfterAnswer(asked, NOON)).toMatchObject({ ...pause, refusals: 0 });
    expect(guardAfterAnswer(guardAfterFault(asked, NOON, 0), NOON)).toMatchObject({ ...pause, refusals: 0 });
  });

  it('never ends a pause early for a fault', () => {
    const asked = refused(CALM, 'SubmitRate', seconds(1));
    expect(guardAfterFault(asked, NOON, 0).pausedUntil).toBeGreaterThan(NOON + seconds(1));
  });

  it('keeps what it has learned of the sessions through proper answers', () => {
    expect(guardAfterAnswer(refused(CALM, 'NoSlot', 0), NOON).sessionCeiling?.sessions).toBe(7);
  });
});

describe('a device that cannot be had now', () => {
  it('when busy waits for the session that Defender shows, if it shows one', () => {
    expect(fallenBack(aTask(), busy(aTask(), 'action-9', NOON, 0))).toMatchObject({
      state: 'parked',
      waiting: { reason: 'MachineBusy', retryAt: NOON + seconds(30), blockerActionId: 'action-9' },
    });
    expect(fallenBack(aTask(), busy(aTask(), undefined, NOON, 0)).waiting).not.toHaveProperty('blockerActionId');
  });

  it('when it sleeps rests, however often, until it is seen, its rest is over, or a slot is idle', () => {
    const rested = fallenBack(aTask(), asleep(aTask(), NOON, 0, []));
    expect(rested.waiting).toMatchObject({ reason: 'MachineAsleep', retryAt: NOON + seconds(5160), rests: true });
    expect(fallenBack(rested, asleep(rested, NOON, 0, [])).waiting?.retryAt).toBe(NOON + seconds(5160));
  });

  it('is followed by at most twice as long a rest when it was cut short for the time at which the device came before', () => {
    const soonLikely = [NOON - days(1) + minutes(10)];
    const short = fallenBack(aTask(), asleep(aTask(), NOON, 0, soonLikely));
    expect(short.waiting?.retryAt).toBe(NOON + minutes(15));
    const next = asleep(short, NOON + minutes(15), 0, soonLikely);
    expect(next.waiting.retryAt).toBe(NOON + minutes(45));
  });

  it('rests longer again after a short rest, and for the whole time in the end', () => {
    let task = fallenBack(aTask(), asleep(aTask(), NOON, 0, [NOON - days(1) + minutes(10)]));
    const rests = [1, 2, 3, 4].map(() => {
      task = fallenBack(task, asleep(task, NOON, 0.5, []));
      return (task.waiting?.retryAt ?? 0) - NOON;
    });
    expect(rests.at(-1)).toBe(seconds(5160 * 0.875));
  });

  it('waits for a session no longer because it rested before', () => {
    const rested = fallenBack(aTask(), asleep(aTask(), NOON, 0, [NOON - days(1) + minutes(10)]));
    expect(sessionFailed(rested, NOON, 0).waiting.retryAt).toBe(NOON + seconds(30));
  });

  it('rests for the whole time after a wait for a session, which was no rest', () => {
    const waited = fallenBack(aTask(), sessionFailed(aTask(), NOON, 0));
    expect(asleep(waited, NOON, 0, []).waiting.retryAt).toBe(NOON + seconds(5160));
  });

  it('when its session does not come up is tried again within a minute at first, idle slots or not', () => {
    const { waiting } = fallenBack(aTask(), sessionFailed(aTask(), NOON, 0));
    expect(waiting).toMatchObject({ reason: 'MachineAsleep', retryAt: NOON + seconds(30) });
    expect(waiting).not.toHaveProperty('rests');
  });

  it.each([
    ['brings up no session', sessionFailed],
    ['is busy', (task: Task, now: number, chance: number) => busy(task, undefined, now, chance)],
    ['gets no proper answer', afterFault],
  ] as const)('that %s is tried again after at most twice the last wait, growing to the longest', (_, refuse) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 10 }),
        (chances) => {
          let task = aTask();
          let last: number | undefined;
          for (const chance of chances) {
            task = fallenBack(task, refuse(task, NOON, chance));
            const wait = (task.waiting?.retryAt ?? 0) - NOON;
            expect(task.waiting?.lastWaitMs).toBe(wait);
            if (last !== undefined) expect(wait).toBeLessThanOrEqual(last * 2);
            if (last !== undefined && last < 400_000) expect(wait).toBeGreaterThan(last);
            last = wait;
          }
        },
      ),
    );
  });

  it('tells in the custody log why its attempt was closed', () => {
    const cause = (refusal: SubmitRefusal) => (refusal.kind === 'setBack' ? refusal.cause : refusal.failure.code);
    expect([
      cause(refusedForNow('SubmitRate')),
      cause(busy(aTask(), undefined, NOON, 0)),
      cause(asleep(aTask(), NOON, 0, [])),
      cause(afterFault(aTask(), NOON, 0)),
      cause(neverSent),
    ]).toEqual(['refused', 'refused', 'asleep', 'fault', 'neverSent']);
  });

  it('for another reason than last time begins with short waits anew', () => {
    let task = aTask();
    for (let n = 0; n < 5; n += 1) task = fallenBack(task, sessionFailed(task, NOON, 0));
    expect((task.waiting?.retryAt ?? 0) - NOON).toBe(seconds(480));
    expect(fallenBack(task, busy(task, undefined, NOON, 0)).waiting?.retryAt).toBe(NOON + seconds(30));
  });
});

describe('a submit without a proper answer', () => {
  it('is tried at least six times before its task fails, and not for ever', () => {
    let task = aTask();
    let tries = 1;
    for (; ; tries += 1) {
      const refusal = afterFault(task, NOON, 0);
      if (refusal.kind === 'failed') {
        expect(refusal.failure.code).toBe('DefenderError');
        break;
      }
      task = fallenBack(task, refusal);
    }
    expect(tries).toBe(MOST_TRIES.submit);
    expect(tries).toBeGreaterThanOrEqual(6);
  });

  it('that was never sent costs nothing', () => {
    expect(fallenBack(aTask({ submitFaults: 3 }), neverSent)).toMatchObject({ state: 'queued', attempts: 0 });
  });
});
