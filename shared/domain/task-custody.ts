import type { CustodyEntry } from './custody.ts';
import type { Task } from './task.ts';
import type { TaskEvent } from './task-events.ts';
import { toIso } from './time.ts';
import { unreachable } from './unreachable.ts';

/** The custody entries that tell of one task's change; none for changes that only move numbers. */
export function custodyOfTask(before: Task, after: Task, event: TaskEvent): CustodyEntry[] {
  const entries = [...happened(before, after, event)];
  if (after.endedAt !== undefined && before.endedAt === undefined) entries.push(endedEntry(after, event.at));
  return entries;
}

function entry(task: Task, event: TaskEvent, type: CustodyEntry['type'], data: Record<string, unknown>): CustodyEntry {
  return {
    at: event.at,
    type,
    actor: 'holdfast',
    taskId: task.taskId,
    ...(task.machineActionId && type.startsWith('action.') ? { machineActionId: task.machineActionId } : {}),
    data,
  };
}

/** How many requests a run serves, and never whose they are: that is theirs alone. */
const sharing = (served: number | undefined): { shared?: true; requests?: number } =>
  served === undefined || served < 2 ? {} : { shared: true, requests: served };

function happened(before: Task, task: Task, event: TaskEvent): CustodyEntry[] {
  switch (event.type) {
    case 'resolved':
      return [
        entry(task, event, 'task.resolved', { machineId: event.machineId, computerDnsName: event.computerDnsName }),
      ];
    case 'submitting':
      return [
        entry(task, event, 'attempt.intended', {
          attemptId: event.attemptId,
          machineId: task.machineId,
          ...sharing(event.served),
        }),
      ];
    case 'joined':
      return [
        {
          ...entry(task, event, 'attempt.joined', {
            attemptId: event.attemptId,
            machineId: task.machineId,
            ...sharing(event.served),
          }),
          ...(event.machineActionId === undefined ? {} : { machineActionId: event.machineActionId }),
        },
      ];
    case 'reused': {
      const told = entry(task, event, 'evidence.reused', { archivedAt: toIso(event.archivedAt) });
      return [{ ...told, machineActionId: event.machineActionId }];
    }
    case 'left':
      return [entry(task, event, 'attempt.left', { attemptId: event.attemptId })];
    case 'submitted':
      return [
        entry(task, event, event.adopted ? 'action.adopted' : 'action.submitted', { attemptId: event.attemptId }),
      ];
    case 'setBack':
      return [
        entry(task, event, 'attempt.closed', { attemptId: event.attemptId, cause: event.cause }),
        entry(task, event, event.to === 'parked' ? 'task.parked' : 'task.requeued', {
          reason: event.waiting.reason,
          ...(event.waiting.retryAt === undefined ? {} : { retryAt: toIso(event.waiting.retryAt) }),
          ...(event.waiting.blockerActionId ? { blockerActionId: event.waiting.blockerActionId } : {}),
        }),
      ];
    case 'woken':
      return [entry(task, event, 'task.requeued', { reason: event.why })];
    case 'progressed':
      return task.state === 'running' && before.state !== 'running'
        ? [entry(task, event, 'action.began', { attemptId: event.attemptId })]
        : [];
    case 'finished':
      return [
        entry(task, event, 'action.ended', {
          attemptId: event.attemptId,
          commands: event.commands.map((c) => ({ index: c.index, state: c.state })),
          ...(event.goesOn ? { actionGoesOn: true } : {}),
          ...sharing(event.served),
        }),
      ];
    case 'stored': {
      const { artifact } = event;
      const { machineActionId } = task;
      const { blobName, bytes, sha256, actionIndex } = artifact;
      const data = {
        index: event.index,
        ...(actionIndex === undefined ? {} : { actionIndex }),
        blobName,
        bytes,
        sha256,
      };
      const sharing = { ...(event.shared ? { shared: true } : {}), ...(task.reusedFrom ? { reused: true } : {}) };
      const told = entry(task, event, 'artifact.archived', { ...data, ...sharing });
      const ofRun = Object.keys(sharing).length > 0 && machineActionId !== undefined ? { machineActionId } : {};
      return [{ ...told, artifactId: artifact.artifactId, ...ofRun }];
    }
    case 'notStored':
      return [entry(task, event, 'artifact.notStored', { index: event.index, code: event.failure.code })];
    case 'stopped':
      return [];
    default:
      return unreachable(event);
  }
}

function endedEntry(task: Task, at: number): CustodyEntry {
  const data = { state: task.state, ...(task.failure ? { code: task.failure.code } : {}) };
  return { at, type: 'task.ended', actor: 'holdfast', taskId: task.taskId, data };
}
