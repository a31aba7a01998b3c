import type { Collection } from '../domain/collection.ts';
import type { CustodyEvent } from '../domain/custody.ts';
import { manifestBlobName } from '../domain/evidence/blob-names.ts';
import { buildManifest } from '../domain/evidence/manifest.ts';
import { allTasks } from './all-tasks.ts';
import { changeHeader } from './change-collection.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './digest.ts';
import { everyPage, pageFrom } from './every-page.ts';
import { sendCallback } from './send-callback.ts';
import { collectionView } from './views/collection-view.ts';

/**
 * Ends a collection whose tasks have all ended: the manifest, once, then the end, then word to the requester. Everything
 * in the manifest derives from rows that no longer change, so a second run after a crash writes the same bytes.
 */
export async function closeCollection(deps: Deps, collection: Collection): Promise<void> {
  const { collectionId } = collection;
  deps.checkpoint('close.beforeManifest');
  const manifest = collection.manifest ?? (await storeManifest(deps, collection));
  if (!manifest) return;
  deps.checkpoint('close.afterManifest');
  const changed = await changeHeader(deps, collectionId, (current, at) => {
    if (current.ended || !current.closing) return undefined;
    const { dueAt: _, ...rest } = current;
    const ended: Collection = { ...rest, ended: true, endedAt: at, manifest, updatedAt: at };
    return {
      collection: current.callback?.status === 'waiting' ? { ...ended, dueAt: at } : ended,
      entries: [
        { at, type: 'manifest.stored', actor: 'holdfast', data: { ...manifest } },
        { at, type: 'collection.ended', actor: 'holdfast', data: { ...current.closing } },
      ],
    };
  });
  deps.checkpoint('close.afterEnd');
  deps.log.info('collection.ended', { collectionId, ...changed?.collection.closing });
  if (changed) await sendCallback(deps, changed.collection);
}

async function storeManifest(deps: Deps, collection: Collection): Promise<Collection['manifest'] | undefined> {
  const request = await deps.collections.request(collection.collectionId);
  if (!request || !collection.closing) return undefined;
  const [tasks, custody] = await Promise.all([
    allTasks(deps, collection.collectionId),
    wholeCustody(deps, collection.collectionId),
  ]);
  const ended: Collection = { ...collection, ended: true, updatedAt: collection.closing.at };
  const manifest = buildManifest({
    software: deps.settings.software,
    collection: collectionView(ended, request, tasks),
    request,
    custody: untilClosing(custody),
  });
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`);
  const blobName = manifestBlobName(collection);
  const properties = { contentType: 'application/json', metadata: { collectionId: collection.collectionId } };
  const put = await deps.evidence.put(blobName, bytes, properties);
  // An earlier run, perhaps of an earlier version, stored it: what counts is what lies there.
  const stored = put === 'stored' ? bytes : await readWhole(deps, blobName);
  return { blobName, bytes: stored.length, sha256: sha256Hex(stored) };
}

async function readWhole(deps: Deps, blobName: string): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(await deps.evidence.read(blobName)));
}

/** What happened up to the end; the closing itself is the last event that the manifest knows. */
function untilClosing(custody: CustodyEvent[]): CustodyEvent[] {
  const last = custody.findIndex((e) => e.type === 'collection.closing');
  return last < 0 ? custody : custody.slice(0, last + 1);
}

const wholeCustody = (deps: Deps, collectionId: string): Promise<CustodyEvent[]> =>
  everyPage((continuation) => deps.collections.custody(collectionId, pageFrom(1000, continuation)));
