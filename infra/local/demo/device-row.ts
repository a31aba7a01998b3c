import type { ArtifactView } from '../../../shared/contracts/artifact-view.ts';
import type { CommandView, TaskView } from '../../../shared/contracts/task-view.ts';
import type { WaitingReason } from '../../../shared/domain/failures/waiting-reasons.ts';
import { isFinal, type TaskState } from '../../../shared/domain/task.ts';

/** One line of the table: a device, how far it is, and what to know about it now. */
export interface DeviceRow {
  name: string;
  state: TaskState;
  /** 0 to 1 */
  progress: number;
  detail: string;
}

/** @param now epoch ms, for how long a wait still lasts */
export function deviceRow(task: TaskView, now: number): DeviceRow {
  return { name: deviceName(task), state: task.state, progress: progressOf(task), detail: detailOf(task, now) };
}

/** The first label of its name, or what was asked for while the device is not known. */
export function deviceName({ computerDnsName, target }: TaskView): string {
  const name = computerDnsName ?? ('computerDnsName' in target ? target.computerDnsName : undefined);
  if (name !== undefined) return (name.split('.')[0] ?? name).toLowerCase();
  if ('machineTag' in target) return `tag ${target.machineTag}`;
  if ('ipAddress' in target) return target.ipAddress;
  if ('machineId' in target) return `${target.machineId.slice(0, 8)}…`;
  return 'aadDeviceId' in target ? target.aadDeviceId : target.computerDnsName;
}

/** An ended task shows what share of its commands ended well; an open one how far it is on its way. */
function progressOf(task: TaskView): number {
  const { commands, state } = task;
  const share = (good: readonly CommandView['state'][]) =>
    commands.filter((c) => good.includes(c.state)).length / Math.max(1, commands.length);
  if (isFinal(state)) return state === 'archived' ? 1 : share(['archived', 'completed']);
  switch (state) {
    case 'submitting':
      return 0.05;
    case 'pending':
      return 0.1;
    case 'running':
      return 0.2 + 0.5 * share(['archived', 'completed', 'failed']);
    case 'archiving':
      return 0.7 + 0.3 * share(['archived']);
    default:
      return 0;
  }
}

function detailOf(task: TaskView, now: number): string {
  switch (task.state) {
    case 'queued':
    case 'parked':
      return waitingText(task, now);
    case 'submitting':
      return 'its action is being submitted';
    case 'pending':
      return 'Defender waits for the device';
    case 'running':
      return runningText(task.commands);
    case 'archiving':
      return `storing ${countText(task.commands.filter((c) => c.state === 'completed' && c.type !== 'PutFile').length)}`;
    case 'archived':
      return evidenceText(task.commands);
    default:
      return [task.failure?.code, evidenceText(task.commands)].filter(Boolean).join('; ');
  }
}

const WAITS: Readonly<Record<WaitingReason, string>> = {
  SubmitRate: 'waits for its turn',
  NoSlot: 'all sessions are taken',
  MachineBusy: 'in another session',
  MachineAsleep: 'asleep or offline',
  DefenderUnavailable: 'Defender does not answer',
  LibraryNotReady: 'its script is not in the library yet',
  AwaitingApproval: 'waits for approval',
  Paused: 'submits are paused',
};

function waitingText({ waiting, machineId, state }: TaskView, now: number): string {
  if (waiting === undefined || machineId === null) return 'Defender is asked which device this is';
  const until = state === 'parked' && waiting.estimatedStartAt ? Date.parse(waiting.estimatedStartAt) - now : undefined;
  if (until !== undefined)
    return `${WAITS[waiting.reason]}; next try ${until > 0 ? `in ${Math.ceil(until / 1_000)} s` : 'now'}`;
  return waiting.queuePosition === null
    ? WAITS[waiting.reason]
    : `${WAITS[waiting.reason]}; place ${waiting.queuePosition} in the queue`;
}

function runningText(commands: readonly CommandView[]): string {
  const running = commands.find((c) => c.state === 'running') ?? commands.find((c) => c.state === 'waiting');
  return running === undefined ? 'its commands have ended' : `${running.type} ${subjectOf(running)}`;
}

function subjectOf(command: CommandView): string {
  switch (command.type) {
    case 'PutFile':
      return command.fileName;
    case 'RunScript':
      return command.scriptName;
    case 'GetFile':
      return command.path;
  }
}

/** Sizes, a hash to compare, and an exit code that is not 0. */
function evidenceText(commands: readonly CommandView[]): string {
  const artifacts = artifactsOf(commands);
  const last = artifacts.at(-1);
  if (last === undefined) return '';
  const bytes = artifacts.reduce((sum, a) => sum + a.bytes, 0);
  const exit = artifacts.find((a) => a.exitCode !== null && a.exitCode !== 0);
  const words = [countText(artifacts.length), sizeText(bytes), `sha256 ${last.sha256.slice(0, 12)}…`];
  return [...words, ...(exit ? [`exit code ${exit.exitCode}`] : [])].join(', ');
}

const countText = (results: number): string => `${results} ${results === 1 ? 'result' : 'results'}`;

export const artifactsOf = (commands: readonly CommandView[]): ArtifactView[] =>
  commands.flatMap((c) => (c.artifact ? [c.artifact] : []));

/** Decimal units, as file managers show them. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
