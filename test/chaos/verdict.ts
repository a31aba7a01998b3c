import type { CallbackReceiver } from '../e2e/kill/callback-receiver.ts';
import type { Caller } from './caller.ts';
import type { ChaosSystem } from './chaos-system.ts';
import { accountFaults, readCollectionToCheck } from './check/collections.ts';
import { checkEvidence } from './check/evidence.ts';
import { brokenLimits } from './check/limits.ts';
import { runTwice } from './check/runs.ts';
import { readTenantRecord } from './check/tenant-record.ts';
import { CHAOS_LIMITS } from './fleet.ts';
import type { StormProgress } from './storm.ts';

export interface Verdict {
  lost: string[];
  twice: string[];
  limits: string[];
  figures: Record<string, number>;
}

/**
 * Judges by what anybody can read: the tenant's own record, the bytes in the container, the callbacks that came, and
 * Holdfast's answers. None of Holdfast's rules or rows are asked.
 */
export async function judge(
  { tenantUrl, storage, hosts }: ChaosSystem,
  { accepted }: StormProgress,
  caller: Caller,
  callbacks: CallbackReceiver,
): Promise<Verdict> {
  const collections = [];
  for (const { collectionId } of accepted) collections.push(await readCollectionToCheck(caller, collectionId));
  const record = await readTenantRecord(tenantUrl);
  const evidence = await checkEvidence(record, collections, storage.connectionString);
  const accounts = collections.flatMap((c, at) => accountFaults(c, accepted[at]?.request.tasks ?? 0));
  const untold = accepted.flatMap(({ request }) => callbackFaults(String(request.body.requestId), callbacks));
  const tasks = collections.flatMap((c) => c.tasks);
  const states = Object.fromEntries([...Map.groupBy(tasks, (t) => t.state)].map(([s, g]) => [`tasks ${s}`, g.length]));
  return {
    lost: [...evidence.lost, ...accounts, ...untold],
    twice: runTwice(record),
    limits: brokenLimits(record, CHAOS_LIMITS),
    figures: {
      collections: collections.length,
      tasks: tasks.length,
      ...states,
      'results produced': record.results.length,
      'results held': evidence.held,
      'results explained': evidence.explained,
      'actions begun': record.actions.filter((a) => a.startedAt !== null).length,
      'actions in all': record.actions.length,
      'Defender calls': record.calls.length,
      'submits that met sessions of people': record.calls.filter((c) => c.refusal === 'unseenSessions').length,
      'hosts that ended by themselves': hosts.first.endings.length + hosts.second.endings.length,
    },
  };
}

function callbackFaults(requestId: string, callbacks: CallbackReceiver): string[] {
  const events = new Set(callbacks.receivedFor(requestId).map((body) => body.eventId));
  return events.size === 1 ? [] : [`${requestId}: ${events.size} different callbacks came`];
}
