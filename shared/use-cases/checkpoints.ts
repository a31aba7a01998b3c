/**
 * The named points between a request's intent and its end at which a crash would hurt most: each lies just before or just
 * after an effect that cannot be undone. Tests kill the process at every one of them.
 */
export const CHECKPOINTS = [
  'accept.beforeHeader',
  'accept.afterHeader',
  'accept.afterIndex',
  'expand.afterTasks',
  'expand.beforeResolved',
  'dispatch.afterIntent',
  'dispatch.beforeSubmit',
  'dispatch.afterSubmit',
  'dispatch.afterActionId',
  'follow.beforeTask',
  'follow.afterTask',
  'follow.afterJobs',
  'archive.afterClaim',
  'archive.afterLink',
  'archive.afterBlob',
  'archive.afterArtifact',
  'close.beforeManifest',
  'close.afterManifest',
  'close.afterEnd',
  'callback.beforeSend',
  'callback.afterSend',
  'cancel.afterHeader',
  'cancel.afterDefender',
] as const;

/** The same where a run, and what it brought, serves several tasks. */
export const SHARING_CHECKPOINTS = [
  'join.afterAttempt',
  'join.afterTask',
  'leave.afterAttempt',
  'archive.afterCopy',
  'reuse.afterJobs',
  'reuse.afterTask',
] as const;

export type Checkpoint = (typeof CHECKPOINTS)[number] | (typeof SHARING_CHECKPOINTS)[number];
