import { REQUEST_LIMITS } from './collection-request.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How far a caller's clock may be ahead of ours when it says when an address was seen. Our own margin. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** Seven days from `now` (epoch ms), ISO 8601 UTC. */
export function defaultExpiry(now: number): string {
  return new Date(now + REQUEST_LIMITS.defaultExpiryDays * DAY_MS).toISOString();
}

/** @param expiresAt ISO 8601 UTC  @param now epoch ms */
export function expiryFault(expiresAt: string, now: number): string | undefined {
  const at = Date.parse(expiresAt);
  if (at <= now) return 'Give an instant in the future.';
  if (at > now + REQUEST_LIMITS.expiryDays * DAY_MS)
    return `Give an instant at most ${REQUEST_LIMITS.expiryDays} days from now.`;
  return undefined;
}

/**
 * Whether Defender can still say who had an address then.
 * @param at ISO 8601 UTC  @param now epoch ms
 */
export function addressTimeFault(at: string, now: number): string | undefined {
  const seen = Date.parse(at);
  if (seen > now + CLOCK_SKEW_MS) return 'Give the time at which the device had this address: it lies in the past.';
  if (seen < now - REQUEST_LIMITS.addressAgeDays * DAY_MS)
    return `Defender finds addresses of the last ${REQUEST_LIMITS.addressAgeDays} days only: name the device another way.`;
  return undefined;
}
