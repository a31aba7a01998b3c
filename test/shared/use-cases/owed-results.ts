import { expect } from 'vitest';
import type { ResultJob } from '../../../shared/domain/attempt.ts';
import type { Artifact, Task } from '../../../shared/domain/task.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { type Claim, claimJob } from '../../../shared/use-cases/result-claim.ts';
import { serveOwed } from '../../../shared/use-cases/share-result.ts';
import { RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device({ startDelayMs: seconds(5), runMs: seconds(5), lagMs: seconds(5) });
const TENANT = 'contoso';

/** Collections whose common run is over: its one result is owed to all, and nothing of it is under way. */
export async function owed({ to = 2, commands = [RUN_SCRIPT] as object[] } = {}) {
  const world = createWorld({ devices: [anna] });
  world.lose('results', 1000);
  const ids: string[] = [];
  for (let n = 0; n < to; n += 1) ids.push(await world.ask({ devices: [anna], commands, caseId: `C-${n}` }));
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

export const artifactOf = async (world: World, id: string): Promise<Artifact | undefined> =>
  (await taskOf(world, id)).commands.find((c) => c.artifact)?.artifact;
export const ownerOf = ({ task, blobName }: ResultJob) => ({ ...task, blobName });
