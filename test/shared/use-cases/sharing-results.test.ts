import { describe, expect, it } from 'vitest';
import type { ResultJob } from '../../../shared/domain/attempt.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import type { Artifact, Task } from '../../../shared/domain/task.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { EvidenceStore } from '../../../shared/ports.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { type Claim, claimJob } from '../../../shared/use-cases/result-claim.ts';
import { serveOwed, tellOwed } from '../../../shared/use-cases/share-result.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { custodyOf, taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';
import { attemptId } from '../domain/samples.ts';

const anna = device({ startDelayMs: seconds(5), runMs: seconds(5), lagMs: seconds(5) });
const TENANT = 'contoso';

/** Collections whose common run is over: its one result is owed to all, and nothing of it is under way. */
async function owed({ to = 2, command = RUN_SCRIPT as object } = {}) {
  const world = createWorld({ devices: [anna] });
  world.lose('results', 1000);
  const ids: string[] = [];
  for (let n = 0; n < to; n += 1) ids.push(await world.ask({ devices: [anna], commands: [command], caseId: `C-${n}` }));
  const areOver = async () =>
    (await Promise.all(ids.map((id) => taskOf(world, id)))).every((t) => t.state === 'archiving');
  await world.run(seconds(3));
  await world.runUntil(areOver, { atMost: minutes(10) });
  world.state.queues.receive('results', world.clock.now() + hours(1));
  const row = async () => {
    const [job] = (await world.state.work.load(TENANT)).jobs;
    if (!job) throw new Error('nothing is owed');
    return job;
  };
  const setTask = async (id: string, fields: Partial<Task>) => {
    const header = await world.state.collections.header(id);
    if (!header) throw new Error(`no collection ${id}`);
    await world.state.collections.commit({ header, tasks: [{ ...(await taskOf(world, id)), ...fields }] });
  };
  const setJob = async (fields: Partial<ResultJob>) => {
    const { value, etag } = await row();
    await world.state.work.commit(TENANT, { jobs: [{ etag, value: { ...value, ...fields } }] });
  };
  const claim = async (): Promise<Claim> => {
    const claimed = await claimJob(world.deps, await row());
    if (!claimed) throw new Error('somebody else has claimed it');
    return claimed;
  };
  const serve = async (deps: Partial<Deps> = {}, forMs = minutes(5), by?: Claim) =>
    serveOwed({ ...world.deps, ...deps }, by ?? (await claim()), {
      deadlineAt: world.clock.now() + forMs,
      blockBytes: 4 * 1024 * 1024,
    });
  /** Stores it for the first, and stops there. */
  const storeFirst = async () => {
    const { attemptId, index } = (await row()).value;
    const checkpoint: Deps['checkpoint'] = (point) => {
      if (point === 'archive.afterArtifact') throw new Error('stopped');
    };
    await expect(archiveResult({ ...world.deps, checkpoint }, { attemptId, index })).rejects.toThrow('stopped');
  };
  const [first = '', second = '', third = ''] = ids;
  return {
    world,
    first,
    second,
    third,
    setTask,
    setJob,
    claim,
    serve,
    storeFirst,
    job: async () => (await row()).value,
  };
}

const artifactOf = async (world: World, id: string): Promise<Artifact | undefined> =>
  (await taskOf(world, id)).commands[0]?.artifact;
const ownerOf = ({ task, blobName }: ResultJob) => ({ ...task, blobName });

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
    ['script', RUN_SCRIPT, 'exitCode'],
    ['file', GET_FILE, 'contentSha256'],
  ])('is copied for the other with all that is known of the %s', async (_, command, known) => {
    const { world, first, second, serve, storeFirst } = await owed({ command });
    await storeFirst();
    world.clock.moveTo(world.clock.now() + 7);
    expect(await serve()).toBe('all');
    const [from, to] = [await artifactOf(world, first), await artifactOf(world, second)];
    const { blobName, artifactId, archivedAt, ...same } = to as Artifact;
    expect(from).toMatchObject({ ...same, [known]: expect.anything() });
    expect(same).toHaveProperty(known);
    expect([from?.blobName.slice(0, 4), blobName.slice(0, 4)]).toEqual(['C-0/', 'C-1/']);
    expect(archivedAt).toBe((from?.archivedAt ?? 0) + 7);
    const { taskId, machineId, machineActionId } = await taskOf(world, second);
    expect(artifactId).toMatch(new RegExp(`^${taskId}-00-[0-9a-f]{8}$`));
    expect(artifactId).not.toBe(from?.artifactId);
    expect((await world.evidence.stat(blobName))?.metadata).toMatchObject({
      collectionid: second,
      taskid: taskId,
      machineid: machineId,
      machineactionid: machineActionId,
      commandindex: '0',
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

  it('is left for the next try where the time is over', async () => {
    const { world, second, serve, storeFirst } = await owed();
    await storeFirst();
    expect(await serve({}, 0)).toBe('outOfTime');
    expect(await artifactOf(world, second)).toBeUndefined();
    expect(await serve()).toBe('all');
  });

  it.each(['damaged', 'lost'])('is asked of Defender once more, for the other, where it is %s', async (how) => {
    const { world, first, second, serve, storeFirst, job } = await owed();
    await storeFirst();
    const { blobName = '' } = (await artifactOf(world, first)) ?? {};
    if (how === 'damaged') world.evidence.replaceBytes(blobName, new Uint8Array(3));
    const evidence = how === 'lost' ? without(world, blobName) : world.evidence;
    expect(await serve({ evidence })).toBe('askDefender');
    const { taskId } = await taskOf(world, second);
    expect(await job()).toMatchObject({ task: { collectionId: second, taskId }, askAgain: true });
    expect((await job()).blobName).toMatch(/^C-1\//);
    expect((await job()).others?.map((one) => one.collectionId)).toEqual([first]);
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

describe('a result that is stored for nobody yet', () => {
  it('is asked of Defender for the one whom its job names first', async () => {
    const { world, first, serve, job } = await owed();
    const before = await job();
    expect(await serve()).toBe('askDefender');
    expect(ownerOf(await job())).toEqual(ownerOf(before));
    expect(before.task.collectionId).toBe(first);
    expect(await job()).not.toHaveProperty('askAgain');
    expect(world.calls.get('evidence.stat')).toBeUndefined();
  });

  it.each([
    ['has ended', { state: 'cancelled' }],
    ['has another run by now', { attemptId: attemptId(9) }],
    ['has no result to come', { commands: [{ index: 0, type: 'RunScript', state: 'failed', errors: [] }] }],
    ['is not said to be over', { state: 'pending' }],
  ] as [string, Partial<Task>][])('is asked for the next where the first %s', async (_, fields) => {
    const { first, second, serve, setTask, setJob, job } = await owed();
    await setTask(first, fields);
    await setJob({ stagedBytes: 5 });
    const next = (await job()).others?.[0];
    expect(await serve()).toBe('askDefender');
    expect(ownerOf(await job())).toEqual(next);
    expect(next?.collectionId).toBe(second);
    expect((await job()).others?.map((one) => one.collectionId)).toEqual([first]);
    expect(await job()).not.toHaveProperty('askAgain');
    // Those are of another blob.
    expect(await job()).not.toHaveProperty('stagedBytes');
  });

  it('is asked by nobody whose claim was taken over', async () => {
    const { first, serve, setTask, claim } = await owed();
    await setTask(first, { state: 'cancelled' });
    const before = await claim();
    await claim();
    expect(await serve({}, minutes(5), before)).toBeUndefined();
  });

  it('is not taken from another run of the same task', async () => {
    const { world, first, second, serve, setTask, storeFirst, job } = await owed();
    await storeFirst();
    await setTask(first, { attemptId: attemptId(9) });
    expect(await serve()).toBe('askDefender');
    expect(await artifactOf(world, second)).toBeUndefined();
    expect((await job()).task.collectionId).toBe(second);
  });
});

describe('who is owed nothing', () => {
  it.each([
    ['has ended', { state: 'cancelled' }],
    ['has another run by now', { attemptId: attemptId(9) }],
    ['is not said to be over', { state: 'pending' }],
  ] as [string, Partial<Task>][])('gets no copy: one that %s', async (_, fields) => {
    const { world, second, serve, storeFirst, setTask } = await owed();
    await storeFirst();
    await setTask(second, fields);
    const names = world.evidence.names();
    expect(await serve()).toBe('all');
    expect(world.evidence.names()).toEqual(names);
  });

  it('is in nobody else’s way: a task that is gone', async () => {
    const { world, first, second, third, serve, storeFirst, job } = await owed({ to: 3 });
    await storeFirst();
    const { collections } = world.deps;
    const tasksById: typeof collections.tasksById = async (id, tasks) =>
      id === second ? [] : collections.tasksById(id, tasks);
    const deps = { ...world.deps, collections: { ...collections, tasksById } };
    expect(await serve(deps)).toBe('all');
    expect((await artifactOf(world, third))?.sha256).toBe((await artifactOf(world, first))?.sha256);
    const failure = failureOf('ResultNotAvailable');
    await tellOwed(deps, await job(), { type: 'notStored', at: world.clock.now(), index: 0, error: 'gone', failure });
    expect((await taskOf(world, second)).state).toBe('archiving');
  });

  it('is told of no loss: one that has another run by now', async () => {
    const { world, first, second, setTask, job } = await owed();
    await setTask(first, { attemptId: attemptId(9) });
    const failure = failureOf('ResultNotAvailable');
    const event = { type: 'notStored', at: world.clock.now(), index: 0, error: 'gone', failure } as const;
    await tellOwed(world.deps, await job(), event);
    expect((await taskOf(world, first)).state).toBe('archiving');
    expect(await taskOf(world, second)).toMatchObject({ state: 'failed', failure: { code: failure.code } });
  });
});
