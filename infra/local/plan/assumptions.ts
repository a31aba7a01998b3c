import { hours, minutes, seconds } from '../../../shared/domain/time.ts';

/** What a plan takes for granted beyond limits, settings and options. Ours; the plan says so. */
export const ASSUMED = {
  /**
   * How far session times lie apart: they are lognormal around their mean. 0.4 is the spread of devices that begin after
   * 20 to 120 s and run scripts whose times have a sigma of 0.6.
   */
  sessionSigma: 0.4,
  /** When Holdfast, having learned how fast awake devices begin, gives up on one; `PROBATION_SECONDS` is the ceiling. */
  probationMs: minutes(2),
  /** From asking for a cancel to the free session. */
  cancelTakesMs: seconds(15),
  /** How often a parked device is tried in a day. */
  triesPerDay: 12,
  /** A collection's patience, unless its request says more. */
  expiresAfterMs: hours(7 * 24),
} as const;
