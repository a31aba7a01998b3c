import type { ActionCommandStatus, ActionStatus } from '../../../ports.ts';

/** Defender's words in lower case and ours. What is not here is `unknown`, and unknown is never final. */
const ACTION_STATUS = new Map<string, ActionStatus>([
  ['pending', 'pending'],
  ['inprogress', 'inProgress'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['timeout', 'timeOut'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
]);

/** @see the enumeration of Microsoft's own connector; the reference page lists only three of them */
const COMMAND_STATUS = new Map<string, ActionCommandStatus>([
  ['created', 'created'],
  ['submitted', 'created'],
  ['pendingresource', 'created'],
  ['executing', 'executing'],
  ['completed', 'completed'],
  ['failed', 'failed'],
]);

export const actionStatusOf = (word: string): ActionStatus => ACTION_STATUS.get(word.trim().toLowerCase()) ?? 'unknown';

export const commandStatusOf = (word: string): ActionCommandStatus =>
  COMMAND_STATUS.get(word.trim().toLowerCase()) ?? 'unknown';
