import type { SubmitGuard } from './attempt.ts';
import type { DefenderLimits } from './limits.ts';
import { type EpochMs, hours, minutes, seconds } from './time.ts';

/**
 * How many sessions the tenant has is learned: what people in the portal hold, unseen, from refusals below our own number;
 * what it has beyond the number configured, or because pending actions take none, by trying one more now and then, where
 * the settings allow it.
 */

/** One more after another: so slowly that a refusal, which pauses everybody, is rare while many are found. Ours, in ms. */
const RAISE_EVERY_MS = minutes(1);
/** After a refusal the tenant has no more for so long. Ours, in ms. */
const REFUSED_FOR_MS = hours(6);
/** A ceiling learned from a refusal is doubted after this long. Ours, in ms. */
const CEILING_HOLDS_MS = minutes(3);
/** How fast a ceiling that is doubted gives way. Ours, in ms. */
const DOUBT_DOUBLES_MS = seconds(30);

/** At least one slot stays: a ceiling learned while others held every session must not close Holdfast for good. */
export function slotLimitOf({ sessionCeiling, raised }: SubmitGuard, limits: DefenderLimits, now: EpochMs): number {
  const known = Math.max(configured(limits), raised?.slots ?? 0);
  const tried = now >= (raised?.nextAt ?? 0) ? 1 : 0;
  const own = Math.max(configured(limits), Math.min(most(limits), known + tried));
  if (!sessionCeiling) return own;
  return Math.min(own, Math.max(1, sessionCeiling.sessions + doubt(sessionCeiling.until, now)));
}

/** Sessions of the tenant, as configured or as learned beyond that; those reserved are among them. */
export const sessionsKnown = ({ raised }: SubmitGuard, limits: DefenderLimits): number =>
  Math.max(limits.sessions, Math.min(most(limits), raised?.slots ?? 0) + limits.sessionsReserved);

/** Whether more sessions than are configured may be tried. */
const mayRaise = (limits: DefenderLimits): boolean => most(limits) > configured(limits);

/** Actions of ours that Defender showed open at one time. */
export interface ShownOpen {
  count: number;
  /** When it was asked. */
  askedAt: EpochMs;
}

/** The guard once Defender has shown so many actions open: so many may be. */
export const afterShown = (guard: SubmitGuard, shown: ShownOpen, limits: DefenderLimits, now: EpochMs): SubmitGuard =>
  withHigherCeiling(withMoreSessions(guard, shown.count, limits, now), shown, now);

/**
 * What was on its way beside the refused submit, or has lost its reply, is not counted in the ceiling, yet has a session.
 * What Defender showed before it refused proves nothing: people may have taken a session since. A ceiling that is doubted
 * gives way by itself.
 */
function withHigherCeiling(guard: SubmitGuard, { count, askedAt }: ShownOpen, now: EpochMs): SubmitGuard {
  const { sessionCeiling: ceiling } = guard;
  if (!ceiling || now >= ceiling.until || count <= ceiling.sessions) return guard;
  if (askedAt < ceiling.until - CEILING_HOLDS_MS) return guard;
  return { ...guard, sessionCeiling: { ...ceiling, sessions: count } };
}

function withMoreSessions(guard: SubmitGuard, shownOpen: number, limits: DefenderLimits, now: EpochMs): SubmitGuard {
  const known = Math.max(configured(limits), guard.raised?.slots ?? 0);
  if (!mayRaise(limits) || shownOpen <= known || isRefused(guard, now)) return guard;
  return { ...guard, raised: { slots: Math.min(most(limits), shownOpen), nextAt: now + RAISE_EVERY_MS } };
}

/** What a refusal teaches while people, unseen, hold some of the sessions. */
export const ceilingAt = (slotsInUse: number, now: EpochMs): NonNullable<SubmitGuard['sessionCeiling']> => ({
  sessions: Math.max(1, slotsInUse),
  until: now + CEILING_HOLDS_MS,
});

/**
 * The guard once Defender has no session left: where none of those configured was missing, the tenant has no more, and
 * people get back what is reserved for them. Refused again within hours, it is not a number that holds: pending actions
 * may have counted for nothing, and those configured are all that is sure.
 *
 * @param slotsInUse that Defender had opened
 */
export function lastSession(guard: SubmitGuard, slotsInUse: number, limits: DefenderLimits, now: EpochMs): SubmitGuard {
  if (!mayRaise(limits) || slotsInUse < configured(limits)) return guard;
  const had = Math.min(slotsInUse, guard.raised?.slots ?? slotsInUse) - limits.sessionsReserved;
  const slots = isRefused(guard, now) ? configured(limits) : Math.max(configured(limits), had);
  return { ...guard, raised: { slots, nextAt: now + REFUSED_FOR_MS } };
}

/** A trial failed so recently that no other is made. */
const isRefused = ({ raised }: SubmitGuard, now: EpochMs): boolean =>
  raised !== undefined && raised.nextAt > now + RAISE_EVERY_MS;

const configured = ({ sessions, sessionsReserved }: DefenderLimits): number => Math.max(1, sessions - sessionsReserved);

const most = ({ sessions, sessionsMost = sessions, sessionsReserved }: DefenderLimits): number =>
  Math.max(1, sessionsMost - sessionsReserved);

/** Sessions tried beyond a ceiling whose time is over: one at first, so that a false doubt costs one refusal. */
function doubt(until: EpochMs, now: EpochMs): number {
  return now < until ? 0 : 2 ** Math.floor((now - until) / DOUBT_DOUBLES_MS);
}
