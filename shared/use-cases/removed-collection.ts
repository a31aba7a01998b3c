import type { RemovedCollection } from '../domain/retention.ts';
import { toIso } from '../domain/time.ts';
import type { Deps } from './deps.ts';

/** What is remembered of a collection whose state is not kept any more; `undefined`: there is none such. */
export async function readRemoved(deps: Deps, collectionId: string): Promise<RemovedCollection | undefined> {
  return (await deps.collections.removed(collectionId))?.value;
}

/** For whoever asks for it: what became of it, and where its evidence is. */
export function tellRemoved({ endedAt, state, outcome, removedAt, manifest }: RemovedCollection): string {
  const evidence = manifest
    ? ` Its evidence is still there: see ${manifest.blobName} in the evidence container.`
    : ' It left no evidence.';
  return `The collection ended on ${toIso(endedAt)} (${state}, outcome ${outcome}); its state was kept until ${toIso(removedAt)}.${evidence}`;
}
