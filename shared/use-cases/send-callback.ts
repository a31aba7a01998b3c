import { CALLBACK_FAULT, nextWait } from '../domain/backoff.ts';
import type { CallbackProgress, Collection } from '../domain/collection.ts';
import type { CustodyEntry } from '../domain/custody.ts';
import { type EpochMs, hours } from '../domain/time.ts';
import { changeHeader } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { openAddress } from './sealed-address.ts';
import { collectionView, endedOperation } from './views/collection-view.ts';

/** Tried for so long after the first try (api.md, "Callback"). */
const KEEP_TRYING_MS = hours(24);
/** A try that is under way; another instance waits so long before it takes over. */
const UNDER_WAY_MS = 45_000;
const TASKS_TOLD = 100;

/**
 * Tells the requester, at least once and with the same `eventId` each time, that the collection has ended. Marked as
 * delivered only after a 2xx was seen.
 */
export async function sendCallback(deps: Deps, collection: Collection): Promise<void> {
  const { collectionId } = collection;
  let mine = false;
  const claimed = await changeHeader(deps, collectionId, (current, now) => {
    const next = claimTry(current, now);
    mine = next !== undefined;
    return next;
  });
  const callback = claimed?.collection.callback;
  if (!mine || !claimed || !callback) return;
  const body = { eventId: callback.eventId, ...(await endOf(deps, claimed.collection)) };
  deps.checkpoint('callback.beforeSend');
  const url = openAddress(await deps.secrets.key('callback-address'), callback.sealedUrl);
  const answer = await deps.callbacks.post(url, body);
  deps.checkpoint('callback.afterSend');
  deps.log.info('callback.sent', { collectionId, httpStatus: answer.httpStatus, tries: callback.tries });
  await note(deps, collectionId, callback.tries, answer.httpStatus);
}

/** Counts a try and keeps other instances away while it runs; `undefined` while it is not due or there is nothing to do. */
function claimTry(current: Collection, now: EpochMs): { collection: Collection } | undefined {
  const { callback } = current;
  if (!current.ended || callback?.status !== 'waiting' || (callback.nextAt ?? 0) > now) return undefined;
  const nextAt = now + UNDER_WAY_MS;
  const next = { ...callback, tries: callback.tries + 1, firstTriedAt: callback.firstTriedAt ?? now, nextAt };
  return { collection: { ...current, callback: next, dueAt: nextAt } };
}

async function endOf(deps: Deps, collection: Collection) {
  const { collectionId } = collection;
  const [request, tasks] = await Promise.all([
    deps.collections.request(collectionId),
    deps.collections.tasks(collectionId, { top: TASKS_TOLD }),
  ]);
  if (!request) throw new Error(`collection ${collectionId} has lost its request`);
  return endedOperation(collection, collectionView(collection, request, tasks.value));
}

async function note(deps: Deps, collectionId: string, tries: number, httpStatus: number | undefined): Promise<void> {
  const chance = deps.random();
  const changed = await changeHeader(deps, collectionId, (current, now) => {
    const { callback } = current;
    if (callback?.status !== 'waiting' || callback.tries !== tries) return undefined;
    return afterAnswer(current, callback, httpStatus, now, chance);
  });
  const nextAt = changed?.collection.callback?.status === 'waiting' ? changed.collection.dueAt : undefined;
  if (nextAt !== undefined)
    await deps.queues.send('collections', { collectionId }, Math.max(0, nextAt - deps.clock.now()));
}

function afterAnswer(
  current: Collection,
  callback: CallbackProgress,
  httpStatus: number | undefined,
  now: EpochMs,
  chance: number,
): { collection: Collection; entries?: CustodyEntry[] } {
  const seen = httpStatus === undefined ? {} : { lastHttpStatus: httpStatus };
  const done = (status: 'delivered' | 'givenUp') => {
    const { dueAt: _, ...rest } = current;
    const { nextAt: __, ...progress } = callback;
    const entry: CustodyEntry = {
      at: now,
      type: status === 'delivered' ? 'callback.delivered' : 'callback.givenUp',
      actor: 'holdfast',
      data: { eventId: callback.eventId, tries: callback.tries, httpStatus },
    };
    return { collection: { ...rest, callback: { ...progress, ...seen, status } }, entries: [entry] };
  };
  if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300) return done('delivered');
  if (isFinalRefusal(httpStatus) || now - (callback.firstTriedAt ?? now) >= KEEP_TRYING_MS) return done('givenUp');
  const waitMs = nextWait(CALLBACK_FAULT, callback.waitMs, chance);
  const nextAt = now + waitMs;
  return { collection: { ...current, callback: { ...callback, ...seen, waitMs, nextAt }, dueAt: nextAt } };
}

/** 4xx other than 408 and 429: the address does not want it. Redirects are not followed, and not an answer. */
function isFinalRefusal(httpStatus: number | undefined): boolean {
  return httpStatus !== undefined && httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
}
