import { describe, expect, it } from 'vitest';
import { minutes, toIso } from '../../../shared/domain/time.ts';
import { linkToArtifact, listArtifacts, readCustody, readManifest } from '../../../shared/use-cases/read-evidence.ts';
import { GET_FILE, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { devices } from '../../world/fleet.ts';
import { collectionOf, custodyOf, tasksOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

/** Two devices of which a script and a file are stored. */
async function archived(): Promise<{ world: World; collectionId: string }> {
  const fleet = devices(2);
  const world = createWorld({ devices: fleet, library: [{ fileName: 'collect.ps1' }, { fileName: 'tool.exe' }] });
  const collectionId = await world.ask({ devices: fleet, commands: [PUT_FILE, RUN_SCRIPT, GET_FILE] });
  await world.runUntilEnded(collectionId, { atMost: minutes(20) });
  return { world, collectionId };
}

describe('the artifacts of a collection', () => {
  it('are those of its tasks, one for each command that has a result', async () => {
    const { world, collectionId } = await archived();
    const tasks = await tasksOf(world, collectionId);
    const all = await listArtifacts(world.deps, collectionId, { top: 10 });
    expect(all?.value.map((a) => [a.taskId, a.index])).toEqual(
      tasks.flatMap((t) => [
        [t.taskId, 1],
        [t.taskId, 2],
      ]),
    );
    expect(all).not.toHaveProperty('continuation');
    for (const { blobName } of all?.value ?? []) expect(world.evidence.names()).toContain(blobName);
  });

  it('are told task by task, and go on where a page ended', async () => {
    const { world, collectionId } = await archived();
    const first = await listArtifacts(world.deps, collectionId, { top: 1 });
    const next = await listArtifacts(world.deps, collectionId, { top: 1, continuation: String(first?.continuation) });
    expect(first?.value).toHaveLength(2);
    expect(next?.value).toHaveLength(2);
    expect(new Set([...(first?.value ?? []), ...(next?.value ?? [])].map((a) => a.artifactId)).size).toBe(4);
  });

  it('of no collection are not an empty list', async () => {
    expect(await listArtifacts(createWorld().deps, 'nobody', { top: 1 })).toBeUndefined();
  });
});

describe('a link to an artifact', () => {
  it('lives 15 minutes, and who asked for it is on record', async () => {
    const { world, collectionId } = await archived();
    const task = (await tasksOf(world, collectionId)).at(-1);
    const other = task?.commands.at(-1)?.artifact;
    const answer = await linkToArtifact(world.deps, collectionId, String(other?.artifactId), 'entra:anna');
    const expiresAt = world.clock.now() + minutes(15);
    expect(answer).toMatchObject({ kind: 'link', expiresAt });
    expect(answer.kind === 'link' && decodeURIComponent(answer.url)).toContain(other?.blobName);
    expect((await custodyOf(world, collectionId)).at(-1)).toMatchObject({
      at: world.clock.now(),
      type: 'artifact.linkIssued',
      actor: 'entra:anna',
      taskId: task?.taskId,
      artifactId: other?.artifactId,
      data: { expiresAt: toIso(expiresAt) },
    });
  });

  it('is not given for what is not there, and nothing is put on record', async () => {
    const { world, collectionId } = await archived();
    const before = (await custodyOf(world, collectionId)).length;
    expect(await linkToArtifact(world.deps, 'nobody', 'x', 'http')).toEqual({ kind: 'noCollection' });
    expect(await linkToArtifact(world.deps, collectionId, 'x', 'http')).toEqual({ kind: 'noArtifact' });
    expect(await custodyOf(world, collectionId)).toHaveLength(before);
  });
});

describe('the manifest', () => {
  it('is read as it was stored, once the collection has ended', async () => {
    const { world, collectionId } = await archived();
    const answer = await readManifest(world.deps, collectionId);
    const text = answer.kind === 'manifest' ? answer.text : '';
    expect(text).toContain(collectionId);
    const name = (await collectionOf(world, collectionId)).manifest?.blobName ?? '';
    const stored = Buffer.concat(await Array.fromAsync(await world.evidence.read(name)));
    expect(text).toBe(stored.toString('utf8'));
  });

  it('is not there before the end, nor without a collection', async () => {
    const [one] = devices(1);
    const world = createWorld({ devices: one ? [one] : [] });
    const collectionId = await world.ask({ devices: one ? [one] : [] });
    expect(await readManifest(world.deps, collectionId)).toEqual({ kind: 'notEnded' });
    expect(await readManifest(world.deps, 'nobody')).toEqual({ kind: 'noCollection' });
  });

  it('that is stored is not shown before the collection has ended', async () => {
    const [one] = devices(1);
    const world = createWorld({ devices: one ? [one] : [] });
    const collectionId = await world.ask({ devices: one ? [one] : [] });
    const header = await world.state.collections.header(collectionId);
    if (!header) throw new Error('no collection');
    const manifest = { blobName: 'm.json', sha256: 'ff', bytes: 1 };
    await world.state.collections.commit({ header: { ...header, value: { ...header.value, manifest } } });
    expect(await readManifest(world.deps, collectionId)).toEqual({ kind: 'notEnded' });
  });
});

describe('the custody record', () => {
  it('is told in order, page by page, with instants that people can read', async () => {
    const { world, collectionId } = await archived();
    const events = await custodyOf(world, collectionId);
    const shown = [];
    let continuation: string | undefined;
    do {
      const page = await readCustody(world.deps, collectionId, {
        top: 3,
        ...(continuation === undefined ? {} : { continuation }),
      });
      shown.push(...(page?.value ?? []));
      continuation = page?.continuation;
    } while (continuation !== undefined);
    expect(shown).toEqual(events.map((e) => ({ ...e, at: toIso(e.at) })));
    expect(shown[0]).toMatchObject({ at: toIso(START), type: 'collection.accepted' });
    expect(await readCustody(world.deps, collectionId, { top: 1000 })).not.toHaveProperty('continuation');
  });

  it('of no collection is not an empty list', async () => {
    expect(await readCustody(createWorld().deps, 'nobody', { top: 1 })).toBeUndefined();
  });
});
