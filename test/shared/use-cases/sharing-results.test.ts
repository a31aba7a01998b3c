import { describe, expect, it } from 'vitest';
import type { Artifact } from '../../../shared/domain/task.ts';
import type { EvidenceStore } from '../../../shared/ports.ts';
import { GET_FILE, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { custodyOf, taskOf } from '../../world/seen.ts';
import type { World } from '../../world/world.ts';
import { artifactOf, owed, ownerOf } from './owed-results.ts';

/** A store that has lost a blob. */
function without(world: World, lost: string | undefined): EvidenceStore {
  const { evidence } = world;
  return {
    ...world.deps.evidence,
    stat: async (name) => (name === lost ? undefined : evidence.stat(name)),
    read: async (name) => (name === lost ? Promise.reject(new Error('BlobNotFound')) : evidence.read(name)),
  };
}

describe('a result that is stored for one of those who are owed it', () => {
  it.each([
    ['script', RUN_SCRIPT, ['exitCode']],
    ['file', GET_FILE, ['contentBytes', 'contentSha256']],
  ])('is copied for the other with all that is known of the %s', async (_, command, known) => {
    const { world, first, second, serve, storeFirst } = await owed({ commands: [PUT_FILE, command] });
    await storeFirst();
    world.clock.moveTo(world.clock.now() + 7);
    expect(await serve()).toBe('all');
    const [from, to] = [await artifactOf(world, first), await artifactOf(world, second)];
    const { blobName, artifactId, archivedAt, ...same } = to as Artifact;
    expect(from).toMatchObject(same);
    for (const field of known) expect(same).toHaveProperty(field, expect.anything());
    expect([from?.blobName.slice(0, 4), blobName.slice(0, 4)]).toEqual(['C-0/', 'C-1/']);
    expect(archivedAt).toBe((from?.archivedAt ?? 0) + 7);
    const { taskId, machineId, machineActionId } = await taskOf(world, second);
    expect(artifactId).toMatch(new RegExp(`^${taskId}-01-[0-9a-f]{8}$`));
    expect(artifactId).not.toBe(from?.artifactId);
    expect((await world.evidence.stat(blobName))?.metadata).toMatchObject({
      collectionid: second,
      taskid: taskId,
      machineid: machineId,
      machineactionid: machineActionId,
      commandindex: '1',
    });
    const logged = world.log.entries.filter((e) => e.event === 'artifact.archived').map((e) => e.fields);
    expect(logged.at(-1)).toEqual({ collectionId: second, taskId, blobName, bytes: to?.bytes, sha256: to?.sha256 });
  });

  it('is told of as shared in the record of each; that of a run for one says nothing of it', async () => {
    for (const to of [2, 1]) {
      const { world, first, second, serve, storeFirst } = await owed({ to });
      await storeFirst();
      if (to > 1) await serve();
      for (const id of [first, second].slice(0, to)) {
        const told = (await custodyOf(world, id)).find((e) => e.type === 'artifact.archived');
        expect(told?.data?.shared).toBe(to > 1 ? true : undefined);
      }
    }
  });

  it('is copied from the next that has it where the first is damaged', async () => {
    const { world, first, second, third, serve, storeFirst, setTask } = await owed({ to: 3 });
    await storeFirst();
    await setTask(third, { state: 'pending' });
    expect(await serve()).toBe('all');
    world.evidence.replaceBytes((await artifactOf(world, first))?.blobName ?? '', new Uint8Array(3));
    await setTask(third, { state: 'archiving' });
    expect(await serve()).toBe('all');
    expect((await artifactOf(world, third))?.sha256).toBe((await artifactOf(world, second))?.sha256);
  });

  it('is read once for each copy, however many have it', async () => {
    const { world, third, serve, storeFirst, setTask } = await owed({ to: 3 });
    await storeFirst();
    await setTask(third, { state: 'pending' });
    await serve();
    await setTask(third, { state: 'archiving' });
    const reads = world.calls.get('evidence.read') ?? 0;
    expect(await serve()).toBe('all');
    expect(world.calls.get('evidence.read')).toBe(reads + 1);
  });

  it('is left for the next try where the time is over', async () => {
    const { world, second, serve, storeFirst } = await owed();
    await storeFirst();
    expect(await serve({}, 0)).toBe('outOfTime');
    expect(await artifactOf(world, second)).toBeUndefined();
    expect(await serve()).toBe('all');
  });

  it.each(['damaged', 'lost'])('is asked of Defender once more, for the other, where it is %s', async (how) => {
    const { world, first, second, third, serve, storeFirst, job } = await owed({ to: 3 });
    await storeFirst();
    const { blobName = '' } = (await artifactOf(world, first)) ?? {};
    if (how === 'damaged') world.evidence.replaceBytes(blobName, new Uint8Array(3));
    const evidence = how === 'lost' ? without(world, blobName) : world.evidence;
    expect(await serve({ evidence })).toBe('askDefender');
    const { taskId } = await taskOf(world, second);
    expect(await job()).toMatchObject({ task: { collectionId: second, taskId }, askAgain: true });
    expect((await job()).blobName).toMatch(/^C-1\//);
    expect((await job()).others?.map((one) => one.collectionId)).toEqual([first, third]);
    // What is damaged is not tried a second time.
    const reads = world.calls.get('evidence.read');
    expect(await serve()).toBe('askDefender');
    expect(world.calls.get('evidence.read')).toBe(reads);
  });

  it('is copied for all for whom it can be, and asked of Defender for the rest', async () => {
    const { world, first, second, third, serve, storeFirst, job } = await owed({ to: 3 });
    await storeFirst();
    const taken = (await job()).others?.[0]?.blobName ?? '';
    await world.evidence.put(taken, new Uint8Array(1), { contentType: 'text/plain', metadata: {} });
    expect(await serve()).toBe('askDefender');
    expect((await artifactOf(world, third))?.sha256).toBe((await artifactOf(world, first))?.sha256);
    expect(await job()).toMatchObject({ task: { collectionId: second }, blobName: taken, askAgain: true });
  });
});

describe('a result that is stored for one of the others', () => {
  it('is copied also for the one whom its job names first', async () => {
    const { world, first, second, serve, storeFirst, setJob, job } = await owed();
    await storeFirst();
    const { others: [next] = [], ...named } = await job();
    if (!next) throw new Error('the job is for one alone');
    const { blobName, ...task } = next;
    await setJob({ task, blobName, others: [ownerOf(named)] });
    expect(await serve()).toBe('all');
    expect((await artifactOf(world, second))?.sha256).toBe((await artifactOf(world, first))?.sha256);
  });
});
