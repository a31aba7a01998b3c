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

export type Checkpoint = (typeof CHECKPOINTS)[number];
