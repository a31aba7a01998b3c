import { isSpent } from '../domain/capacity.ts';
import type { OpenWork } from '../ports.ts';
import type { Deps } from './deps.ts';

/** Storage takes at most 100 rows in one transaction. */
const ROWS_AT_ONCE = 90;

/** Rows of attempts that are over and out of Defender's window. */
export async function forgetSpent(deps: Deps, work: OpenWork): Promise<OpenWork> {
  const now = deps.clock.now();
  const spent = work.attempts.filter((a) => isSpent(a.value, now)).slice(0, ROWS_AT_ONCE);
  if (spent.length === 0) return work;
  // A conflict means that another tick is removing them.
  await deps.work.commit(deps.settings.tenantId, { removeAttempts: spent });
  return { ...work, attempts: work.attempts.filter((a) => !spent.includes(a)) };
}
