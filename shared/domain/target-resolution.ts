import type { Machine } from './action.ts';
import type { Collection } from './collection.ts';
import { type CollectionDelta, recount } from './collection-changes.ts';
import type { CustodyEntry } from './custody.ts';
import { type Failure, failureOf } from './failures/failure-codes.ts';
import { type Digest, newTask, placeOf, taskIdOf } from './initial-tasks.ts';
import type { CollectionRequest } from './request/collection-request.ts';
import { type Match, MOST_TASKS } from './target-match.ts';
import type { Task } from './task.ts';
import { custodyOfTask } from './task-custody.ts';
import type { TaskEvent } from './task-events.ts';
import { transition } from './task-transitions.ts';
import type { EpochMs } from './time.ts';

export interface Found {
  task: Task;
  match: Match;
}

/** What becomes of one task row once Defender has named the machines. */
export type ResolutionStep =
  | { kind: 'resolve'; taskId: string; machine: Machine }
  | { kind: 'fail'; taskId: string; failure: Failure }
  /** Its machine already has a task in this collection. */
  | { kind: 'remove'; taskId: string }
  /** One of a tag's machines. */
  | { kind: 'add'; taskId: string; machine: Machine; blank: Task };

/**
 * Targets that turn out to be one machine become one task, the one that came first; a tag's own row gives way to one row
 * for each of its machines. The same findings always yield the same steps.
 */
export function planResolution(
  collection: Collection,
  request: CollectionRequest,
  tasks: readonly Task[],
  found: readonly Found[],
  digest: Digest,
): ResolutionStep[] {
  const taken = new Set(tasks.flatMap((t) => t.machineId ?? []));
  const steps: ResolutionStep[] = [];
  let total = tasks.length;
  // After those of the targets: a tag's devices are as many tasks, and none may share another's turn.
  let place = Math.max(collection.targets, ...tasks.map((t) => (t.place ?? -1) + 1));
  for (const { task, match } of found) {
    if (match.kind === 'failed') {
      steps.push({ kind: 'fail', taskId: task.taskId, failure: match.failure });
    } else if (match.kind === 'one') {
      const again = taken.has(match.machine.machineId);
      steps.push(
        again
          ? { kind: 'remove', taskId: task.taskId }
          : { kind: 'resolve', taskId: task.taskId, machine: match.machine },
      );
      if (again) total -= 1;
      taken.add(match.machine.machineId);
    } else {
      const missing = match.machines.filter((m) => !taken.has(m.machineId));
      if (total - 1 + missing.length > MOST_TASKS) {
        steps.push({ kind: 'fail', taskId: task.taskId, failure: failureOf('TooManyMachines') });
        continue;
      }
      for (const machine of missing) {
        taken.add(machine.machineId);
        const of = placeOf(task.taskId);
        const taskId = taskIdOf(collection.collectionId, of, task.target, digest, machine.machineId);
        const blank = { ...newTask(collection, request, task.target, taskId), place };
        steps.push({ kind: 'add', taskId, machine, blank });
        place += 1;
      }
      total += missing.length - 1;
      steps.push({ kind: 'remove', taskId: task.taskId });
    }
  }
  return steps;
}

/** Applies some steps to the rows as they are now; steps applied before, or too late, change nothing. */
export function applyResolution(
  collection: Collection,
  present: Task[],
  steps: readonly ResolutionStep[],
  now: EpochMs,
): (CollectionDelta & { removed: Task[] }) | undefined {
  if (collection.expanded) return undefined;
  const rows = new Map(present.map((t) => [t.taskId, t]));
  const changed: Task[] = [];
  const removed: Task[] = [];
  const entries: CustodyEntry[] = [];
  for (const step of steps) {
    const before = step.kind === 'add' ? step.blank : rows.get(step.taskId);
    const stillOpen = before?.state === 'queued' && !before.machineId;
    if (!before || !stillOpen || (step.kind === 'add' && rows.has(step.taskId))) continue;
    if (step.kind === 'remove') {
      removed.push(before);
      continue;
    }
    const event = eventOf(step, now);
    const after = transition(before, event);
    changed.push(after);
    entries.push(...custodyOfTask(before, after, event));
  }
  if (changed.length + removed.length === 0) return undefined;
  const counted = recount(collection, present, changed, removed);
  return { collection: { ...counted, updatedAt: now }, tasks: changed, entries, removed };
}

function eventOf(step: Exclude<ResolutionStep, { kind: 'remove' }>, at: EpochMs): TaskEvent {
  if (step.kind === 'fail') return { type: 'stopped', at, state: 'failed', failure: step.failure };
  const { machineId, computerDnsName, osPlatform: platform } = step.machine;
  const named = computerDnsName ? { computerDnsName } : {};
  return { type: 'resolved', at, machineId, ...named, ...(platform ? { platform } : {}) };
}
