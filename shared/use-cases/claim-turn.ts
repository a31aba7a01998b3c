import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';

/**
 * Lets one instance at a time do what need not be done more often than every `everyMs`: true for whoever may do it now.
 * @param name of the register that keeps the last time
 */
export async function claimTurn(deps: Deps, name: string, everyMs: number): Promise<boolean> {
  const now = deps.clock.now();
  const last = await deps.registers.read<{ at: EpochMs }>(deps.settings.tenantId, name);
  if (last && last.value.at <= now && last.value.at + everyMs > now) return false;
  return (await deps.registers.write(deps.settings.tenantId, name, { at: now }, last?.etag)) === 'written';
}
