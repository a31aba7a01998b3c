import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { manifestBlobName } from '../../../shared/domain/evidence/blob-names.ts';
import { hours } from '../../../shared/domain/time.ts';
import { advanceCollection } from '../../../shared/use-cases/advance-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { readManifest } from '../../../shared/use-cases/read-evidence.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf, custodyOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();

/** All tasks have ended, and a crash came before the manifest. */
async function closing(): Promise<{ world: World; id: string; blobName: string }> {
  const world = createWorld({ devices: [anna] });
  const id = await world.ask({ devices: [anna] });
  world.crashAt('close.beforeManifest');
  await world.runUntil(() => world.failures.length > 0, { atMost: hours(1) });
  const collection = await collectionOf(world, id);
  expect(collection).toMatchObject({ ended: false, closing: { state: 'completed' } });
  return { world, id, blobName: manifestBlobName(collection) };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function manifestText(world: World, id: string): Promise<string> {
  const answer = await readManifest(world.deps, id);
  if (answer.kind !== 'manifest') throw new Error(`no manifest: ${answer.kind}`);
  return answer.text;
}

describe('the manifest of a collection that ends', () => {
  it('shows it as it is at its end, with its state, its outcome and when it came', async () => {
    const { world, id } = await closing();
    await advanceCollection(world.deps, id);
    const { closing: end } = await collectionOf(world, id);
    expect(JSON.parse(await manifestText(world, id)).collection).toMatchObject({
      collectionId: id,
      state: 'completed',
      outcome: 'complete',
      completedAt: new Date(end?.at ?? 0).toISOString(),
    });
  });

  it('is stored in one call as JSON that names its collection, and not read back', async () => {
    const { world, id, blobName } = await closing();
    const kinds: string[] = [];
    const put: Deps['evidence']['put'] = (name, bytes, properties) => {
      kinds.push(properties.contentType);
      return world.deps.evidence.put(name, bytes, properties);
    };
    await advanceCollection({ ...world.deps, evidence: { ...world.deps.evidence, put } }, id);
    expect(kinds).toEqual(['application/json']);
    expect((await world.evidence.stat(blobName))?.metadata).toEqual({ collectionid: id });
    expect(world.calls.get('evidence.read') ?? 0).toBe(0);
  });

  it('is the one that an earlier run stored, perhaps of an earlier version: its size and hash are told, not others', async () => {
    const { world, id, blobName } = await closing();
    const earlier = '{"schemaVersion":1,"software":{"version":"0.0.1"}}\n';
    const properties = { contentType: 'application/json', metadata: {} };
    await world.evidence.put(blobName, new TextEncoder().encode(earlier), properties);
    await advanceCollection(world.deps, id);
    const told = { blobName, bytes: earlier.length, sha256: sha256(earlier) };
    expect(await collectionOf(world, id)).toMatchObject({ ended: true, manifest: told });
    const entry = (await custodyOf(world, id)).find(({ type }) => type === 'manifest.stored');
    expect(entry?.data).toEqual(told);
    expect(await manifestText(world, id)).toBe(earlier);
  });

  it('waits while the request cannot be read: nothing is stored, and nothing ends without it', async () => {
    const { world, id, blobName } = await closing();
    const collections = { ...world.deps.collections, request: async () => undefined };
    await advanceCollection({ ...world.deps, collections }, id);
    expect(await world.evidence.stat(blobName)).toBeUndefined();
    expect((await collectionOf(world, id)).ended).toBe(false);
    await advanceCollection(world.deps, id);
    expect((await collectionOf(world, id)).ended).toBe(true);
  });
});
