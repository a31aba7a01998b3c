import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';

/** One poll at a time over all instances, and none sooner than the setting allows. */
export async function claimPoll(deps: Deps): Promise<boolean> {
  const now = deps.clock.now();
  const last = await deps.registers.read<{ at: EpochMs }>(deps.settings.tenantId, 'last-poll');
  // Half: ticks come a little early or late, and a clock may be a little off.
  if (last && last.value.at <= now && last.value.at + deps.settings.pollMinMs / 2 > now) return false;
  const written = await deps.registers.write(deps.settings.tenantId, 'last-poll', { at: now }, last?.etag);
  return written === 'written';
}
