import { dueBy, readCollectionAgendaKey, removedPartition } from '../domain/index-keys.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Deps } from './deps.ts';
import { pageFrom } from './every-page.ts';
import { clearRest } from './keep-house-remove.ts';

const PAGE = 100;

/** Gives ids free that need not be remembered any more. @returns how many */
export async function forgetRemoved(deps: Deps, until: EpochMs): Promise<number> {
  const partition = removedPartition(deps.settings.tenantId);
  const range = { from: '0', to: dueBy(deps.clock.now()) };
  let forgotten = 0;
  let continuation: string | undefined;
  do {
    const page = await deps.index.range(partition, { ...range, ...pageFrom(PAGE, continuation) });
    for (const { key } of page.value) {
      if (deps.clock.now() >= until) return forgotten;
      if (await forgetIfDue(deps, key)) forgotten += 1;
    }
    continuation = page.continuation;
  } while (continuation !== undefined);
  return forgotten;
}

async function forgetIfDue(deps: Deps, key: string): Promise<boolean> {
  const collectionId = readCollectionAgendaKey(key)?.collectionId;
  try {
    const forgotten = collectionId !== undefined && (await forgetOne(deps, collectionId));
    await deps.index.write(removedPartition(deps.settings.tenantId), { remove: [key] });
    return forgotten;
  } catch (error) {
    deps.log.error('housekeeping.collectionFailed', { collectionId, error: String(error) });
    return false;
  }
}

/** @returns false for a stale row: its removal was not made, or made anew later */
async function forgetOne(deps: Deps, collectionId: string): Promise<boolean> {
  const memory = await deps.collections.removed(collectionId);
  if (!memory || memory.value.forgetAt > deps.clock.now()) return false;
  // Rows left over would be taken for those of a new collection of the same id.
  await clearRest(deps, memory.value);
  return (await deps.collections.forget(memory)) === 'written';
}
