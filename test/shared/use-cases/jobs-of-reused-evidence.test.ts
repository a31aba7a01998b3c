import { describe, expect, it } from 'vitest';
import type { ResultJob } from '../../../shared/domain/attempt.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { seconds } from '../../../shared/domain/time.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { isReuseTold, reuseEvidence } from '../../../shared/use-cases/reuse-evidence.ts';
import { taskOf } from '../../world/seen.ts';
import type { World } from '../../world/world.ts';
import { attemptId } from '../domain/samples.ts';
import { anna, archived, TENANT } from './archived-evidence.ts';

describe('a job whose teller may still be at work', () => {
  /** Jobs are written, and the tasks have not heard of them. */
  async function untold() {
    const { world, ids, due, jobs, setTask } = await archived([anna]);
    const checkpoint: Deps['checkpoint'] = (point) => {
      if (point === 'reuse.afterJobs') throw new Error('held up');
    };
    expect(await reuseEvidence({ ...world.deps, checkpoint }, due, due)).toBe(0);
    const [job] = await jobs();
    const [id = ''] = ids;
    if (!job) throw new Error('there is no job');
    return { world, id, job, set: (fields: Partial<Task>) => setTask(id, fields) };
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
