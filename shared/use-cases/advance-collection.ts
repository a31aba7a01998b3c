import { stopEvent } from '../domain/collection-changes.ts';
import { collectionAgendaKey, collectionsAgenda, isStaleDueTime } from '../domain/index-keys.ts';
import type { DueCollection } from './agenda.ts';
import { closeCollection } from './close-collection.ts';
import type { Deps } from './deps.ts';
import { expandCollection } from './expand-collection.ts';
import { sendCallback } from './send-callback.ts';
import { stopCollection } from './stop-collection.ts';

/** Does whatever a collection as a whole needs next; at most one look at each stage, in order. Safe to run twice. */
export async function advanceCollection(deps: Deps, collectionId: string): Promise<void> {
  const header = await deps.collections.header(collectionId);
  if (!header) return;
  const collection = header.value;
  if (collection.ended) return sendCallback(deps, collection);
  if (!collection.closing) {
    if (stopEvent(collection, deps.clock.now())) await stopCollection(deps, collection);
    else if (!collection.expanded) await expandCollection(deps, collection);
  }
  const now = await deps.collections.header(collectionId);
  if (now?.value.closing) await closeCollection(deps, now.value);
}

/**
 * The same from an agenda row, which is dropped when it is stale. The collection's own row is written with that: whoever
 * stopped between a change and its rows may have left none.
 */
export async function advanceDue(deps: Deps, due: DueCollection): Promise<void> {
  // Before the header is read: a change may come while we are held up.
  const askedAt = deps.clock.now();
  const header = await deps.collections.header(due.collectionId);
  const own = header && collectionAgendaKey(header.value);
  if (own !== due.key) {
    if (header && !isStaleDueTime(due.key, askedAt)) return;
    const put = own === undefined ? {} : { put: [{ key: own }] };
    await deps.index.write(collectionsAgenda(deps.settings.tenantId), { ...put, remove: [due.key] });
    return;
  }
  await advanceCollection(deps, due.collectionId);
}
