import { type EpochMs, minutes, seconds } from '../../shared/domain/time.ts';

export type Heartbeat = 'dispatch' | 'poll';

/** The default schedules: dispatch at each full minute, poll half a minute later. */
const OFFSET_MS = { dispatch: 0, poll: seconds(30) } as const satisfies Record<Heartbeat, number>;

/** The first heartbeat after `now`. */
export function nextHeartbeat(now: EpochMs): { at: EpochMs; name: Heartbeat } {
  const after = (name: Heartbeat): EpochMs =>
    (Math.floor((now - OFFSET_MS[name]) / minutes(1)) + 1) * minutes(1) + OFFSET_MS[name];
  const dispatch = after('dispatch');
  const poll = after('poll');
  return dispatch < poll ? { at: dispatch, name: 'dispatch' } : { at: poll, name: 'poll' };
}
