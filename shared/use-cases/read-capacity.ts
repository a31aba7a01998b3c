import type { CapacityView } from '../contracts/service-views.ts';
import { type CallsMade, callsLeft, ENDPOINTS, NO_CALLS } from '../domain/call-budget.ts';
import { capacityOf } from '../domain/capacity.ts';
import { listRange, listsPartition, readListKey } from '../domain/index-keys.ts';
import { sessionsKnown } from '../domain/session-limit.ts';
import { TASK_STATES, type TaskState } from '../domain/task.ts';
import { toIso } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import { budgetRegister } from './governed-defender.ts';
import { queueSnapshot } from './queue-snapshot.ts';

/** Defender's names for what Holdfast calls. */
const PATHS = {
  listActions: 'GET /api/machineactions',
  action: 'GET /api/machineactions/{id}',
  cancel: 'POST /api/machineactions/{id}/cancel',
  resultLink: 'GET /api/machineactions/{id}/GetLiveResponseResultDownloadLink',
  machines: 'GET /api/machines',
  machine: 'GET /api/machines/{id}',
  machinesByIp: 'GET /api/machines/findbyip',
} as const;

/** What is left of Defender's limits, and what waits for it. From rows alone. */
export async function readCapacity(deps: Deps): Promise<CapacityView> {
  const { tenantId, limits } = deps.settings;
  const [work, snapshot, calls, tasks] = await Promise.all([
    deps.work.load(tenantId),
    queueSnapshot(deps),
    readCalls(deps),
    openTaskCounts(deps),
  ]);
  const now = deps.clock.now();
  const capacity = capacityOf(
    work.attempts.map((a) => a.value),
    work.guard.value,
    limits,
    now,
  );
  const nextAt = capacity.pausedUntil ?? capacity.nextPermitAt;
  const queued = Math.max(snapshot.queued, tasks.queued);
  return {
    submits: {
      perMinute: limits.submitsPerMinute,
      left: capacity.permits,
      nextAt: capacity.permits > 0 ? toIso(now) : nextAt === undefined ? null : toIso(nextAt),
    },
    slots: {
      limit: sessionsKnown(work.guard.value, limits),
      reserved: limits.sessionsReserved,
      inUse: capacity.slotsInUse,
      free: capacity.slots,
    },
    calls,
    tasks,
    queueEmptyAt: queued === 0 ? null : toIso(Math.max(now, snapshot.outlook.startOf(queued))),
  };
}

async function readCalls(deps: Deps): Promise<CapacityView['calls']> {
  const { tenantId, limits } = deps.settings;
  const now = deps.clock.now();
  const rows = await Promise.all(
    ENDPOINTS.map((endpoint) => deps.registers.read<CallsMade>(tenantId, budgetRegister(endpoint))),
  );
  return ENDPOINTS.map((endpoint, i) => {
    const left = callsLeft(rows[i]?.value ?? NO_CALLS, limits, now);
    return {
      endpoint: PATHS[endpoint],
      perMinute: limits.callsPerMinute,
      leftThisMinute: left.minute,
      perHour: limits.callsPerHour,
      leftThisHour: left.hour,
    };
  });
}

/** Tasks of open collections by state: those that have ended long ago are history, not capacity. */
async function openTaskCounts(deps: Deps): Promise<Record<TaskState, number>> {
  const counts = Object.fromEntries(TASK_STATES.map((s) => [s, 0])) as Record<TaskState, number>;
  let continuation: string | undefined;
  do {
    const page = await deps.index.range(listsPartition(deps.settings.tenantId), {
      ...listRange('state|open', {}),
      top: 200,
      ...(continuation === undefined ? {} : { continuation }),
    });
    const headers = await Promise.all(page.value.map(({ key }) => deps.collections.header(readListKey(key) ?? '')));
    for (const header of headers) {
      if (!header) continue;
      for (const state of TASK_STATES) counts[state] += header.value.counts[state];
      // Targets that are not tasks yet wait as well.
      counts.queued += header.value.targets - header.value.expandedTargets;
    }
    continuation = page.continuation;
  } while (continuation !== undefined);
  return counts;
}
