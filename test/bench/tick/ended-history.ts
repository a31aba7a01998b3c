import { type Collection, emptyCounts } from '../../../shared/domain/collection.ts';
import { listKey, listsPartition } from '../../../shared/domain/index-keys.ts';
import type { CollectionRequest } from '../../../shared/domain/request/collection-request.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { type EpochMs, minutes, toIso } from '../../../shared/domain/time.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';

/** Tasks of one ended collection: what one change may hold. */
const TASKS_EACH = 40;
/** Collections that are written at once. */
const SIDE_BY_SIDE = 16;

/** Leaves the rows of `count` tasks that ended before now, as their collections leave them behind. */
export async function leaveHistory(deps: Deps, count: number): Promise<void> {
  const at = deps.clock.now() - minutes(60);
  let left = count;
  const leaveSome = async (): Promise<void> => {
    while (left > 0) {
      const tasks = Math.min(left, TASKS_EACH);
      left -= tasks;
      await leaveOne(deps, tasks, at);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, leaveSome));
}

async function leaveOne(deps: Deps, count: number, at: EpochMs): Promise<void> {
  const header = endedHeader(deps, count, at);
  const { collectionId, tenantId } = header;
  const tasks = Array.from({ length: count }, (_, place) => endedTask(collectionId, `t${place}`, at));
  await deps.collections.create(header, requestOf(tasks, at), []);
  const stored = await deps.collections.header(collectionId);
  if (!stored) throw new Error('a collection of the history is not there');
  await deps.collections.commit({ header: stored, tasks });
  await deps.index.write(listsPartition(tenantId), { put: [{ key: listKey('all', header) }] });
}

function endedHeader(deps: Deps, count: number, at: EpochMs): Collection {
  return {
    collectionId: deps.ids.next(),
    tenantId: deps.settings.tenantId,
    requestedBy: { kind: 'http' },
    priority: 'normal',
    createdAt: at,
    updatedAt: at,
    expiresAt: at + minutes(600),
    targets: count,
    expandedTargets: count,
    expanded: true,
    resolveFaults: 0,
    bodyDigest: 'd'.repeat(64),
    counts: { ...emptyCounts(), total: count, archived: count },
    closing: { at, state: 'completed', outcome: 'complete' },
    ended: true,
    nextSequence: 1,
  };
}

function requestOf(tasks: readonly Task[], at: EpochMs): CollectionRequest {
  return {
    targets: tasks.map(({ target }) => target),
    commands: [{ type: 'RunScript', scriptName: 'collect.ps1', index: 0 }],
    priority: 'normal',
    expiresAt: toIso(at + minutes(600)),
    given: ['targets', 'commands'],
  };
}

function endedTask(collectionId: string, taskId: string, at: EpochMs): Task {
  return {
    taskId,
    collectionId,
    target: { computerDnsName: `${taskId}.contoso.com` },
    state: 'archived',
    attempts: 1,
    submitFaults: 0,
    repeats: 0,
    commands: [],
    updatedAt: at,
    endedAt: at,
  };
}
