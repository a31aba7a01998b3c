import type { Attempt, SubmitGuard } from '../domain/attempt.ts';
import type { Deps } from './deps.ts';

const MOST_CONFLICTS = 50;

/**
 * Changes one attempt, deciding again after a conflict. `decide` returns the new value, or `undefined` for no change.
 * @returns the attempt as it is now; `undefined` when it is gone
 */
export async function changeAttempt(
  deps: Deps,
  attempt: Pick<Attempt, 'tenantId' | 'attemptId'>,
  decide: (current: Attempt) => Attempt | undefined,
): Promise<Attempt | undefined> {
  for (let round = 0; round < MOST_CONFLICTS; round += 1) {
    const row = await deps.work.attempt(attempt.tenantId, attempt.attemptId);
    if (!row) return undefined;
    const value = decide(row.value);
    if (!value) return row.value;
    const written = await deps.work.commit(attempt.tenantId, { attempts: [{ value, etag: row.etag }] });
    if (written === 'written') return value;
  }
  throw new Error(`attempt ${attempt.attemptId} was changed by others ${MOST_CONFLICTS} times in a row`);
}

/** Changes the guard, deciding again after a conflict; returning the same guard costs no write. */
export async function changeGuard(deps: Deps, decide: (guard: SubmitGuard) => SubmitGuard): Promise<void> {
  const { tenantId } = deps.settings;
  for (let round = 0; round < MOST_CONFLICTS; round += 1) {
    const { guard } = await deps.work.load(tenantId);
    const value = decide(guard.value);
    if (value === guard.value) return;
    if ((await deps.work.commit(tenantId, { guard: { value, etag: guard.etag } })) === 'written') return;
  }
  throw new Error(`the submit guard was changed by others ${MOST_CONFLICTS} times in a row`);
}
