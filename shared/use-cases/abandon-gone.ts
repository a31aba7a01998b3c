import type { Attempt } from '../domain/attempt.ts';
import { failureOf } from '../domain/failures/failure-codes.ts';
import { applySightings } from './apply-sightings.ts';
import type { Deps } from './deps.ts';

/** Defender does not know the action any more: what had begun cannot be known, so nothing is run again. */
export async function abandonGone(deps: Deps, attempt: Attempt): Promise<void> {
  deps.log.warn('action.gone', { attemptId: attempt.attemptId, machineActionId: attempt.machineActionId });
  const commands = attempt.commands.map((_, index) => ({
    index,
    state: 'failed' as const,
    errors: ['Defender no longer knows the machine action.'],
  }));
  await applySightings(deps, [
    { attempt, observation: { kind: 'ended', commands, failure: failureOf('DefenderError') } },
  ]);
}
