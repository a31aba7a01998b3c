import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import type { CheckedCollection } from './collections.ts';

/** The part of a manifest that says what was kept. */
const Manifest = z.object({
  collection: z.object({
    collectionId: z.string(),
    tasks: z.array(
      z.object({
        taskId: z.string(),
        state: z.string(),
        commands: z.array(
          z.object({ index: z.int(), artifact: z.object({ blobName: z.string(), sha256: z.string() }).nullish() }),
        ),
      }),
    ),
  }),
});

/** What is wrong with the stored manifest, held against what the answers say; in sentences. */
export async function manifestFaults(collection: CheckedCollection, container: ContainerClient): Promise<string[]> {
  const { collectionId, folder } = collection;
  try {
    const stored = await container.getBlobClient(`${folder}/manifest.json`).downloadToBuffer();
    const manifest = Manifest.parse(JSON.parse(stored.toString('utf8'))).collection;
    const same = manifest.collectionId === collectionId && keptBy(manifest) === keptBy(collection);
    return same ? [] : [`${collectionId}: its manifest says something else than its answers`];
  } catch (error) {
    return [`${collectionId}: its manifest cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Tasks with their states, and every artifact with its hash, in an order of their own. */
function keptBy({ tasks }: z.output<typeof Manifest>['collection']): string {
  const lines = tasks.flatMap(({ taskId, state, commands }) => [
    `${taskId} ${state}`,
    ...commands.map(({ index, artifact }) => `${taskId} ${index} ${artifact?.blobName} ${artifact?.sha256}`),
  ]);
  return lines.sort().join('\n');
}
