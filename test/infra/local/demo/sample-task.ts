import type { ArtifactView } from '../../../../shared/contracts/artifact-view.ts';
import type { CommandView, TaskView } from '../../../../shared/contracts/task-view.ts';

export const artifact = (changes: Partial<ArtifactView> = {}): ArtifactView => ({
  artifactId: 'a1',
  taskId: 't1',
  index: 0,
  blobName: 'INC-1/c1/d1/00-GetFile-out.zip',
  bytes: 10_467,
  sha256: '0057b307cfb0'.padEnd(64, '0'),
  contentBytes: null,
  contentSha256: null,
  exitCode: null,
  archivedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});

export const getFile = (state: CommandView['state'], stored?: ArtifactView): CommandView => ({
  index: 0,
  state,
  errors: [],
  type: 'GetFile',
  path: 'C:\\out.zip',
  ...(stored ? { artifact: stored } : {}),
});

/** A task as the API shows it; each test says what matters to it. */
export const task = (changes: Partial<TaskView> = {}): TaskView => ({
  taskId: 't1',
  target: { computerDnsName: 'lt-anna.contoso.com' },
  machineId: 'd'.repeat(40),
  computerDnsName: 'lt-anna.contoso.com',
  state: 'queued',
  attempts: 0,
  machineActionId: null,
  commands: [getFile('waiting')],
  ...changes,
});
