import { describe, expect, it } from 'vitest';
import type { ResultJob } from '../../../shared/domain/attempt.ts';
import type { Candidate } from '../../../shared/domain/dispatch-plan.ts';
import { listKey, listsPartition } from '../../../shared/domain/index-keys.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { readAgenda } from '../../../shared/use-cases/agenda.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import { machineList } from '../../../shared/use-cases/change-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { isReuseTold, reuseEvidence } from '../../../shared/use-cases/reuse-evidence.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { GET_FILE, idOf, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';
import { attemptId } from '../domain/samples.ts';

const QUICK = { startDelayMs: 1000, runMs: 1000, lagMs: 1000 };
const anna = device(QUICK);
const [bert = anna] = devices(1, QUICK);
const TENANT = 'contoso';
const COMMANDS = [PUT_FILE, RUN_SCRIPT, GET_FILE];

/**
 * Evidence of each device has been archived just now. Who asks for it again waits, and nothing happens by itself.
 * @param again which devices are asked for anew, one collection each
 */
async function archived(again: readonly (typeof anna)[], reuseMs = minutes(10)) {
  const world = createWorld({ devices: [anna, bert], settings: { reuseMs } });
  const earlier: string[] = [];
  for (const one of new Set([anna, ...again])) earlier.push(await world.ask({ devices: [one], commands: COMMANDS }));
  await world.runUntilEnded(earlier, { atMost: minutes(10) });
  world.lose('ticks', 1000);
  world.lose('results', 1000);
  const ids: string[] = [];
  for (const one of again) ids.push(await world.ask({ devices: [one], commands: COMMANDS }));
  await world.run(0);
  const { due } = await readAgenda(world.deps);
  const of = (id: string | undefined): Candidate => {
    const found = due.find((c) => c.collectionId === id);
    if (!found) throw new Error(`${id} does not wait`);
    return found;
  };
  const states = () => Promise.all(ids.map(async (id) => (await taskOf(world, id)).state));
  const jobs = async () => (await world.state.work.load(TENANT)).jobs.map((job) => job.value);
  return { world, earlier, ids, due, of, states, jobs };
}

/** A row in the list of Anna's collections, newer than those of her own. */
async function listed(world: World, collectionId: string, value: Record<string, string>): Promise<void> {
  const key = listKey(machineList(idOf(anna)), { createdAt: world.clock.now() + 1, collectionId });
  await world.state.index.write(listsPartition(TENANT), { put: [{ key, value }] });
}

/** What an operator is told (operations.md). */
const logged = (world: World) => world.log.entries.filter((e) => e.event === 'evidence.reused').map((e) => e.fields);

describe('evidence that was archived just now', () => {
  it('serves all who ask for the same, and the answer says how many', async () => {
    const { world, ids, due, of, states, jobs } = await archived([anna, anna, bert]);
    expect(await reuseEvidence(world.deps, [of(ids[0]), of(ids[2])], due)).toBe(3);
    expect(await states()).toEqual(['archiving', 'archiving', 'archiving']);
    const tasks = await Promise.all(ids.map((id) => taskOf(world, id)));
    expect(tasks[0]?.attemptId).toBe(tasks[1]?.attemptId);
    expect(tasks[2]?.attemptId).not.toBe(tasks[1]?.attemptId);
    const all = await jobs();
    const jobsFor = (one: typeof anna) => all.filter((job) => job.machineId === idOf(one));
    for (const one of [anna, bert]) expect(jobsFor(one).map((j) => j.command.type)).toEqual(['RunScript', 'GetFile']);
    expect(jobsFor(anna).map((j) => [j.index, j.others?.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(logged(world)).toContainEqual({ attemptId: tasks[0]?.attemptId, tasks: 2 });
  });

  it('becomes jobs for the results, each of which is told at once', async () => {
    const { world, earlier, ids, due, of, jobs } = await archived([anna]);
    expect(await reuseEvidence(world.deps, [of(ids[0])], due)).toBe(1);
    const before = await taskOf(world, earlier[0] ?? '');
    const { attemptId, taskId } = await taskOf(world, ids[0] ?? '');
    for (const job of await jobs()) {
      const { blobName, sha256 } = before.commands[job.index]?.artifact ?? {};
      const { machineActionId } = before;
      expect(job).toMatchObject({
        attemptId,
        machineActionId,
        from: { blobName, sha256 },
        createdAt: world.clock.now(),
      });
      expect(job.task).toEqual({ collectionId: ids[0], taskId });
      expect(job.command).not.toHaveProperty('index');
    }
    const messages = world.state.queues.receive('results', world.clock.now()).map(({ text }) => JSON.parse(text));
    expect(messages).toEqual([1, 2].map((index) => ({ attemptId, index })));
  });

  it('costs no reading where reuse is off, or where a row does not say what is asked for', async () => {
    const off = await archived([anna], 0);
    const reads = off.world.calls.get('index.range');
    expect(await reuseEvidence(off.world.deps, off.due, off.due)).toBe(0);
    expect(off.world.calls.get('index.range')).toBe(reads);
    const { world, ids, of } = await archived([anna]);
    const { run: _, ...early } = of(ids[0]);
    const before = world.calls.get('index.range');
    expect(await reuseEvidence(world.deps, [early], [])).toBe(0);
    expect(world.calls.get('index.range')).toBe(before);
  });

  it('is found behind collections that are gone, or asked for something else', async () => {
    const { world, ids, due, of } = await archived([anna]);
    const { run = '', taskId } = of(ids[0]);
    await listed(world, 'removed', { run, taskId });
    await listed(world, 'another', { run: 'another', taskId });
    expect(await reuseEvidence(world.deps, due, due)).toBe(1);
  });

  it('is never that of another device', async () => {
    const { world, earlier, ids, due, of } = await archived([anna, bert]);
    const { run = '' } = of(ids[0]);
    const [annas = '', berts = ''] = earlier;
    await listed(world, berts, { run, taskId: (await taskOf(world, berts)).taskId });
    expect(await reuseEvidence(world.deps, [of(ids[0])], due)).toBe(1);
    const { machineActionId } = await taskOf(world, annas);
    expect((await taskOf(world, ids[0] ?? '')).machineActionId).toBe(machineActionId);
  });

  it('of one device that cannot be read keeps nobody from that of another', async () => {
    const { world, ids, due, of, states } = await archived([anna, bert]);
    const { index } = world.deps;
    const range: typeof index.range = (partition, query) =>
      query.from.includes(idOf(anna)) ? Promise.reject(new Error('cannot be read')) : index.range(partition, query);
    const deps = { ...world.deps, index: { ...index, range } };
    expect(await reuseEvidence(deps, [of(ids[0]), of(ids[1])], due)).toBe(1);
    expect(await states()).toEqual(['queued', 'archiving']);
  });
});

describe('evidence is left where it is', () => {
  it.each([
    ['has waited anew since', (c: Candidate) => ({ ...c, since: c.since - 1 })],
    ['is gone', (c: Candidate) => ({ ...c, taskId: 'gone' })],
    ['is of a collection that is gone', (c: Candidate) => ({ ...c, collectionId: 'gone' })],
  ])('by a turn whose task %s', async (_, changed) => {
    const { world, ids, of, states, jobs } = await archived([anna]);
    expect(await reuseEvidence(world.deps, [changed(of(ids[0]))], [])).toBe(0);
    expect(await states()).toEqual(['queued']);
    expect(await jobs()).toEqual([]);
  });

  it('by a turn of one that was cancelled, which others do not miss', async () => {
    const { world, ids, due, of, states } = await archived([anna, anna]);
    await cancelCollection(world.deps, ids[0] ?? '', { by: { kind: 'http' } });
    expect(await reuseEvidence(world.deps, [of(ids[0])], due)).toBe(1);
    expect(await states()).toEqual(['cancelled', 'archiving']);
  });

  it('when its jobs cannot be written, and nobody is told', async () => {
    const { world, due, states } = await archived([anna]);
    const work: Deps['work'] = { ...world.deps.work, commit: async () => 'conflict' };
    expect(await reuseEvidence({ ...world.deps, work }, due, due)).toBe(0);
    expect(await states()).toEqual(['queued']);
    expect(world.state.queues.receive('results', world.clock.now())).toEqual([]);
  });

  it.each([
    [15, 1, 'archiving'],
    [15.001, 0, 'queued'],
  ])('when its tasks are not told within 15 s: after %d s %d is', async (late, count, state) => {
    const { world, due, states } = await archived([anna]);
    const checkpoint: Deps['checkpoint'] = (point) => {
      if (point === 'reuse.afterJobs') world.clock.moveTo(world.clock.now() + seconds(late));
    };
    expect(await reuseEvidence({ ...world.deps, checkpoint }, due, due)).toBe(count);
    expect(await states()).toEqual([state]);
    expect(logged(world)).toMatchObject([{ tasks: count }]);
  });

  it('by one that was cancelled between its jobs and its word', async () => {
    const { world, ids, due, states } = await archived([anna]);
    let cancelled: Promise<unknown> | undefined;
    const { work } = world.deps;
    const commit: typeof work.commit = async (tenantId, change) => {
      const written = await work.commit(tenantId, change);
      cancelled ??= cancelCollection(world.deps, ids[0] ?? '', { by: { kind: 'http' } });
      await cancelled;
      return written;
    };
    expect(await reuseEvidence({ ...world.deps, work: { ...work, commit } }, due, due)).toBe(0);
    expect(await states()).toEqual(['cancelled']);
  });
});

describe('a job whose teller may still be at work', () => {
  /** Jobs are written, and the tasks have not heard of them. */
  async function untold(): Promise<{
    world: World;
    id: string;
    job: ResultJob;
    set(fields: Partial<Task>): Promise<void>;
  }> {
    const { world, ids, due, jobs } = await archived([anna]);
    const checkpoint: Deps['checkpoint'] = (point) => {
      if (point === 'reuse.afterJobs') throw new Error('held up');
    };
    expect(await reuseEvidence({ ...world.deps, checkpoint }, due, due)).toBe(0);
    const [job] = await jobs();
    const [id = ''] = ids;
    if (!job) throw new Error('there is no job');
    const set = async (fields: Partial<Task>) => {
      const header = await world.state.collections.header(id);
      if (header)
        await world.state.collections.commit({ header, tasks: [{ ...(await taskOf(world, id)), ...fields }] });
    };
    return { world, id, job, set };
  }
  const etagOf = async (world: World, id: string) => (await world.state.collections.header(id))?.etag;

  it('waits for it for 50 s, then makes sure that it comes too late', async () => {
    const { world, id, job } = await untold();
    const before = await etagOf(world, id);
    world.clock.moveTo(job.createdAt + seconds(50) - 1);
    expect(await isReuseTold(world.deps, job)).toBe(false);
    expect(await etagOf(world, id)).toBe(before);
    world.clock.moveTo(job.createdAt + seconds(50));
    expect(await isReuseTold(world.deps, job)).toBe(true);
    expect(await etagOf(world, id)).not.toBe(before);
    expect((await taskOf(world, id)).state).toBe('queued');
  });

  it('is tried again after 50 s, at no cost of its tries', async () => {
    const { world, job } = await untold();
    await archiveResult(world.deps, job);
    const row = await world.state.work.job(TENANT, job.attemptId, job.index);
    expect(row?.value).toMatchObject({ tries: 0, nextAt: world.clock.now() + seconds(50) });
  });

  it.each([
    ['has heard of it', (job: ResultJob): Partial<Task> => ({ attemptId: job.attemptId })],
    ['is in a run of its own', (): Partial<Task> => ({ state: 'pending', attemptId: attemptId(9) })],
    ['has ended', (): Partial<Task> => ({ state: 'cancelled' })],
  ])('does not wait where the task %s', async (_, fields) => {
    const { world, id, job, set } = await untold();
    await set(fields(job));
    const before = await etagOf(world, id);
    expect(await isReuseTold(world.deps, job)).toBe(true);
    expect(await etagOf(world, id)).toBe(before);
  });

  it('does not wait for a collection that is gone, only for others', async () => {
    const { world, job } = await untold();
    const gone = { ...job, task: { collectionId: 'gone', taskId: job.task.taskId } };
    expect(await isReuseTold(world.deps, gone)).toBe(true);
    const both = { ...gone, others: [{ ...job.task, blobName: 'b' }] };
    expect(await isReuseTold(world.deps, both)).toBe(false);
  });
});
