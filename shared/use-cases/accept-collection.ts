import { type Collection, emptyCounts, type RequestedBy } from '../domain/collection.ts';
import { collectionAgendaKey, collectionsAgenda, listKey, listsPartition } from '../domain/index-keys.ts';
import type { CollectionRequest } from '../domain/request/collection-request.ts';
import type { RemovedCollection } from '../domain/retention.ts';
import { runText } from '../domain/run-sharing.ts';
import { kindText } from '../domain/schedule/run-times.ts';
import { type EpochMs, minutes } from '../domain/time.ts';
import { listsOf } from './collection-lists.ts';
import type { Deps } from './deps.ts';
import { idForRequest, sha256Hex } from './digest.ts';
import { readRemoved } from './removed-collection.ts';
import { sealAddress } from './sealed-address.ts';

export interface Acceptance {
  request: CollectionRequest;
  /** What "same body" compares. Holds the callback address: only its digest is kept. */
  identity: string;
  requestedBy: RequestedBy;
  /** The instant by which the request was judged: its default expiry counts from there. */
  receivedAt: EpochMs;
}

export type Accepted =
  | { kind: 'accepted'; collection: Collection; request: CollectionRequest }
  | { kind: 'reused'; collectionId: string; removed?: RemovedCollection };

/** Hex digits of a run's digest: enough that no two are ever the same, few enough for every row of the agenda. */
const RUN_DIGITS = 32;
/** Enough that no two kinds of run in one tenant share them. */
const KIND_DIGITS = 16;

/** A lost message delays expansion by at most this, in ms. */
const EXPAND_AT_THE_LATEST_MS = minutes(1);

/**
 * Takes a request in. Four storage calls at most: the header with the whole request, its agenda row, its list rows, and
 * the message that wakes the expansion. A caller is answered only after all of them; whoever repeats the request repairs
 * what a crash left out. Never waits for Defender.
 */
export async function acceptCollection(deps: Deps, acceptance: Acceptance): Promise<Accepted> {
  const { request } = acceptance;
  const now = acceptance.receivedAt;
  const scope = scopeOf(acceptance.requestedBy);
  const collectionId =
    request.requestId === undefined ? deps.ids.next() : idForRequest(deps.settings.tenantId, scope, request.requestId);
  const collection = await headerOf(deps, acceptance, collectionId, now);
  deps.checkpoint('accept.beforeHeader');
  const { callbackUrl: _secret, ...kept } = request;
  const created = await deps.collections.create(collection, kept, [acceptedEntry(acceptance, collection)]);
  if (created === 'exists') return repeated(deps, collection, kept);
  deps.checkpoint('accept.afterHeader');
  await announce(deps, collection);
  return { kind: 'accepted', collection, request: kept };
}

/**
 * A request that would be refused today only for its time (it has expired since) is still the same request when it was
 * accepted before; `undefined` when it was not.
 */
export async function findRepetition(
  deps: Deps,
  acceptance: Omit<Acceptance, 'receivedAt'>,
): Promise<Accepted | undefined> {
  const { request } = acceptance;
  if (request.requestId === undefined) return undefined;
  const collectionId = idForRequest(deps.settings.tenantId, scopeOf(acceptance.requestedBy), request.requestId);
  const header = await deps.collections.header(collectionId);
  if (header?.value.bodyDigest !== sha256Hex(acceptance.identity)) return undefined;
  await repair(deps, header.value);
  const kept = (await deps.collections.request(collectionId)) ?? request;
  return { kind: 'accepted', collection: header.value, request: kept };
}

/** The same request again, or another one under the same id. */
async function repeated(deps: Deps, asked: Collection, request: CollectionRequest): Promise<Accepted> {
  const header = await deps.collections.header(asked.collectionId);
  if (!header) return repeatedTooLate(deps, asked.collectionId);
  const collection = header.value;
  if (collection.bodyDigest !== asked.bodyDigest) return { kind: 'reused', collectionId: collection.collectionId };
  await repair(deps, collection);
  return { kind: 'accepted', collection, request };
}

/** Its state is not kept any more. That it was there is: what ran on devices once does not run again for a late message. */
async function repeatedTooLate(deps: Deps, collectionId: string): Promise<Accepted> {
  const removed = await readRemoved(deps, collectionId);
  if (!removed) throw new Error(`collection ${collectionId} exists and yet cannot be read`);
  return { kind: 'reused', collectionId, removed };
}

/** A crash after the header may have kept everybody from knowing of it; its expansion names it in all lists as well. */
async function repair(deps: Deps, collection: Collection): Promise<void> {
  if (!collection.expanded) await announce(deps, collection);
}

async function announce(deps: Deps, collection: Collection): Promise<void> {
  const due = collectionAgendaKey(collection);
  await Promise.all([
    due === undefined ? undefined : deps.index.write(collectionsAgenda(collection.tenantId), { put: [{ key: due }] }),
    deps.index.write(listsPartition(collection.tenantId), {
      put: listsOf(collection).map((list) => ({ key: listKey(list, collection) })),
    }),
  ]);
  deps.checkpoint('accept.afterIndex');
  await deps.queues.send('collections', { collectionId: collection.collectionId });
}

/** Ids are compared within one caller's identity; callers without one share a scope. */
export const scopeOf = (by: RequestedBy): string => (by.kind === 'entra' ? `entra:${by.id ?? ''}` : 'shared');

async function headerOf(
  deps: Deps,
  { request, identity, requestedBy }: Acceptance,
  collectionId: string,
  now: EpochMs,
): Promise<Collection> {
  return {
    collectionId,
    tenantId: deps.settings.tenantId,
    ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
    requestedBy,
    ...(request.caseId === undefined ? {} : { caseId: request.caseId }),
    ...(request.comment === undefined ? {} : { comment: request.comment }),
    priority: request.priority,
    createdAt: now,
    updatedAt: now,
    expiresAt: Date.parse(request.expiresAt),
    targets: request.targets.length,
    expandedTargets: 0,
    expanded: false,
    resolveFaults: 0,
    bodyDigest: sha256Hex(identity),
    run: sha256Hex(runText(request.commands)).slice(0, RUN_DIGITS),
    kind: sha256Hex(kindText(request.commands)).slice(0, KIND_DIGITS),
    counts: emptyCounts(),
    ended: false,
    ...(request.callbackUrl === undefined ? {} : { callback: await callbackOf(deps, request.callbackUrl) }),
    nextSequence: 1,
    dueAt: now + EXPAND_AT_THE_LATEST_MS,
  };
}

async function callbackOf(deps: Deps, callbackUrl: string): Promise<NonNullable<Collection['callback']>> {
  const key = await deps.secrets.key('callback-address');
  return {
    sealedUrl: sealAddress(key, callbackUrl),
    eventId: deps.ids.next(),
    status: 'waiting',
    tries: 0,
  };
}

function acceptedEntry({ request, requestedBy }: Acceptance, collection: Collection) {
  return {
    at: collection.createdAt,
    type: 'collection.accepted' as const,
    actor: actorOf(requestedBy),
    data: { targets: request.targets.length, commands: request.commands.length, caseId: request.caseId },
  };
}

/** Who did it, as the custody log names callers. */
export function actorOf(by: RequestedBy): string {
  if (by.kind === 'entra') return `entra:${by.id ?? 'unknown'}`;
  if (by.kind === 'queue') return `queue:${by.messageId ?? 'unknown'}`;
  const known = [
    by.workflowRunId === undefined ? undefined : `workflow-run:${by.workflowRunId}`,
    by.clientTrackingId === undefined ? undefined : `client-tracking:${by.clientTrackingId}`,
  ].filter((part) => part !== undefined);
  return known.length > 0 ? known.join(' ') : 'http';
}
