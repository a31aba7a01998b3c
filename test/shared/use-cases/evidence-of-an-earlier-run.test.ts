import { describe, expect, it } from 'vitest';
import { listKey, listsPartition } from '../../../shared/domain/index-keys.ts';
import { seconds } from '../../../shared/domain/time.ts';
import { readAgenda } from '../../../shared/use-cases/agenda.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import { machineList } from '../../../shared/use-cases/collection-lists.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { reuseEvidence } from '../../../shared/use-cases/reuse-evidence.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { GET_FILE, idOf, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { taskOf } from '../../world/seen.ts';
import { START, type World } from '../../world/world.ts';
import { anna, archived, bert, TENANT } from './archived-evidence.ts';

/** A row in the list of Anna's collections, newer than those of her own. */
async function listed(world: World, collectionId: string, value?: Record<string, string>): Promise<void> {
  const key = listKey(machineList(idOf(anna)), { createdAt: world.clock.now() + 1, collectionId });
  await world.state.index.write(listsPartition(TENANT), { put: [value ? { key, value } : { key }] });
}

/** What an operator is told (operations.md). */
const logged = (world: World) => world.log.entries.filter((e) => e.event === 'evidence.reused').map((e) => e.fields);

const faults = (world: World) => world.log.entries.filter(({ level }) => level === 'error');

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
    await listed(world, 'of-an-earlier-version');
    expect(await reuseEvidence(world.deps, due, due)).toBe(1);
  });

  it.each([
    ['gone', undefined],
    ['cut short', 1],
  ])('is that of a run before where the latest is %s', async (_, bytes) => {
    const { world, earlier, ids, of, jobs } = await archived([anna, anna]);
    const [copied = '', next = ''] = ids;
    await reuseEvidence(world.deps, [of(copied)], []);
    for (const job of await jobs()) await archiveResult(world.deps, job);
    const copies = (await taskOf(world, copied)).commands.map((c) => c.artifact?.blobName);
    const { evidence } = world.deps;
    const stat: typeof evidence.stat = async (name) => {
      if (!copies.includes(name)) return evidence.stat(name);
      return bytes === undefined ? undefined : { bytes, metadata: {} };
    };
    expect(await reuseEvidence({ ...world.deps, evidence: { ...evidence, stat } }, [of(next)], [])).toBe(1);
    const originals = (await taskOf(world, earlier[0] ?? '')).commands.flatMap((c) => c.artifact?.blobName ?? []);
    expect((await jobs()).map((job) => job.from?.blobName)).toEqual(originals);
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
    ['has waited anew since', { since: START }],
    ['is gone', { taskId: 'gone' }],
    ['is of a collection that is gone', { collectionId: 'gone' }],
    ['is of another device', { machineId: idOf(bert) }],
  ])('by a turn whose task %s', async (_, changed) => {
    const { world, ids, of, states, jobs } = await archived([anna, bert]);
    expect(await reuseEvidence(world.deps, [{ ...of(ids[0]), ...changed }], [])).toBe(0);
    expect(await states()).toEqual(['queued', 'queued']);
    expect(await jobs()).toEqual([]);
    expect(faults(world)).toEqual([]);
  });

  it('by a turn whose task has got a run at this moment', async () => {
    const { world, ids, of, jobs, setTask } = await archived([anna]);
    const turn = of(ids[0]);
    await setTask(turn.collectionId, { state: 'pending', waiting: { since: turn.since } });
    expect(await reuseEvidence(world.deps, [turn], [])).toBe(0);
    expect(await jobs()).toEqual([]);
  });

  it('by who asks for something else, whatever its turn says', async () => {
    const { world, ids, of, jobs } = await archived([anna]);
    const other = await world.ask({ devices: [anna], commands: [PUT_FILE, { ...RUN_SCRIPT, args: '-x' }, GET_FILE] });
    await world.run(0);
    const turn = (await readAgenda(world.deps)).due.find((c) => c.collectionId === other);
    const { run = '' } = of(ids[0]);
    expect(turn && (await reuseEvidence(world.deps, [{ ...turn, run }], []))).toBe(0);
    expect(await jobs()).toEqual([]);
  });

  it.each(['header', 'tasksById'] as const)(
    'by one that is removed before its word (%s), which others do not miss',
    async (read) => {
      const { world, ids, due, of, states } = await archived([anna, anna]);
      const { collections } = world.deps;
      let isGone = false;
      const unless = <T>(id: string, nothing: T, found: () => Promise<T>) =>
        isGone && id === ids[0] ? Promise.resolve(nothing) : found();
      const removed: Pick<Deps['collections'], 'header' | 'tasksById'> = {
        header: (id) => unless(id, undefined, () => collections.header(id)),
        tasksById: (id, tasks) => unless(id, [], () => collections.tasksById(id, tasks)),
      };
      const checkpoint: Deps['checkpoint'] = (point) => {
        isGone ||= point === 'reuse.afterJobs';
      };
      const deps = { ...world.deps, checkpoint, collections: { ...collections, [read]: removed[read] } };
      expect(await reuseEvidence(deps, [of(ids[0])], due)).toBe(1);
      expect(faults(world)).toEqual([]);
      expect(await states()).toEqual(['queued', 'archiving']);
    },
  );

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
