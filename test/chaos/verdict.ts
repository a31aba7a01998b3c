import type { CallbackReceiver } from '../e2e/kill/callback-receiver.ts';
import type { Caller } from './caller.ts';
import type { ChaosSystem } from './chaos-system.ts';
import { accountFaults, type CheckedCollection, readCollectionToCheck } from './check/collections.ts';
import { checkEvidence, type EvidenceVerdict, evidenceIn } from './check/evidence.ts';
import { brokenLimits } from './check/limits.ts';
import { manifestFaults } from './check/manifest.ts';
import { runTwice } from './check/runs.ts';
import { readTenantRecord, type TenantRecord } from './check/tenant-record.ts';
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
 * @param keptAt file that takes the tenant's record
 */
export async function judge(
  { tenantUrl, storage, hosts }: ChaosSystem,
  { accepted }: StormProgress,
  caller: Caller,
  callbacks: CallbackReceiver,
  keptAt: string,
): Promise<Verdict> {
  const collections = [];
  for (const { collectionId } of accepted) collections.push(await readCollectionToCheck(caller, collectionId));
  const record = await readTenantRecord(tenantUrl, keptAt);
  const container = evidenceIn(storage.connectionString);
  const evidence = await checkEvidence(record, collections, container);
  const accounts = collections.flatMap((c, at) => accountFaults(c, accepted[at]?.request.tasks ?? 0));
  const untold = accepted.flatMap(({ request }) => callbackFaults(String(request.body.requestId), callbacks));
  const manifests = [];
  for (const collection of collections) manifests.push(...(await manifestFaults(collection, container)));
  return {
    lost: [...evidence.lost, ...accounts, ...manifests, ...untold],
    twice: runTwice(record),
    limits: brokenLimits(record, CHAOS_LIMITS),
    figures: {
      'requests that callers repeated': caller.repeated(),
      ...figuresOf(collections, record, evidence),
      'hosts that ended by themselves': hosts.first.endings.length + hosts.second.endings.length,
    },
  };
}

function figuresOf(
  collections: readonly CheckedCollection[],
  { calls, actions, results }: TenantRecord,
  { held, explained }: EvidenceVerdict,
): Record<string, number> {
  const tasks = collections.flatMap((c) => c.tasks);
  const states = Object.fromEntries([...Map.groupBy(tasks, (t) => t.state)].map(([s, g]) => [`tasks ${s}`, g.length]));
  return {
    collections: collections.length,
    tasks: tasks.length,
    ...states,
    'results produced': results.length,
    'results held': held,
    'results explained': explained,
    'actions begun': actions.filter((a) => a.startedAt !== null).length,
    'actions in all': actions.length,
    'actions adopted by their token': collections
      .flatMap((c) => c.custody)
      .filter(({ type }) => type === 'action.adopted').length,
    'Defender calls': calls.length,
    'calls lost on purpose': calls.filter((call) => call.lost !== undefined).length,
    'calls refused with 429': calls.filter((call) => call.status === 429).length,
    'of them for sessions of people': calls.filter((call) => call.refusal === 'unseenSessions').length,
  };
}

function callbackFaults(requestId: string, callbacks: CallbackReceiver): string[] {
  const events = new Set(callbacks.receivedFor(requestId).map((body) => body.eventId));
  return events.size === 1 ? [] : [`${requestId}: ${events.size} different callbacks came`];
}
