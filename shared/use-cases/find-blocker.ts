import type { ActionSnapshot } from '../domain/action.ts';
import type { Attempt } from '../domain/attempt.ts';
import { isActionOf } from '../domain/attempt-token.ts';
import type { Deps } from './deps.ts';

export type Blocker =
  | { kind: 'ours'; action: ActionSnapshot }
  | { kind: 'other'; machineActionId: string }
  /** Nothing listed: a session opened in the portal, a lock that lingers after a cancel, or Defender did not answer. */
  | { kind: 'unseen' };

const OPEN: ReadonlySet<string> = new Set(['pending', 'inProgress', 'unknown']);

/** What keeps a device busy, as far as Defender's list tells. The error itself names no action. */
export async function findBlocker(deps: Deps, attempt: Attempt): Promise<Blocker> {
  const reply = await deps.defender.listActions({ machineId: attempt.machineId });
  if (!reply.ok) return { kind: 'unseen' };
  const ours = reply.value.value.find((action) => isActionOf(attempt, action));
  if (ours) return { kind: 'ours', action: ours };
  const open = reply.value.value.find((a) => a.type === 'LiveResponse' && OPEN.has(a.status));
  return open ? { kind: 'other', machineActionId: open.machineActionId } : { kind: 'unseen' };
}
