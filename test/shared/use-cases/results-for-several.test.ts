import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { archiveResult, type ResultMessage } from '../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { claimJob } from '../../../shared/use-cases/result-claim.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();
const TENANT = 'contoso';

const jobsOf = async (world: World) => (await world.state.work.load(TENANT)).jobs;

async function jobOf(world: World) {
  const [row, ...others] = await jobsOf(world);
  if (!row || others.length > 0) throw new Error(`${others.length + (row ? 1 : 0)} results wait to be stored`);
  return row;
}

/** One result waits to be stored for one request, or for several that share its run, and no message of it is under way. */
async function owed(requests = 1, command: object = RUN_SCRIPT) {
  const world = createWorld({ devices: [anna] });
  // the early one, and the one at the end of the action
  world.lose('results', 2);
  const ids: string[] = [];
  for (let n = 0; n < requests; n += 1) ids.push(await world.ask({ devices: [anna], commands: [command] }));
  const isOver = async () => (await world.state.work.load(TENANT)).attempts.some((a) => a.value.state === 'archiving');
  await world.runUntil(isOver, { atMost: minutes(20) });
  world.state.queues.receive('results', world.clock.now() + minutes(1));
  const { attemptId, index } = (await jobOf(world)).value;
  return { world, ids, message: { attemptId, index } };
}

/** The messages of results that are under way: what they name, and in how many ms they come. */
function underWay(world: World): { message: ResultMessage; inMs: number }[] {
  const { queues } = world.state;
  const found: { message: ResultMessage; inMs: number }[] = [];
  for (let at = queues.nextVisibleAt('results'); at !== undefined; at = queues.nextVisibleAt('results'))
    for (const { text } of queues.receive('results', at))
      found.push({ message: JSON.parse(text), inMs: at - world.clock.now() });
  return found;
}

const links = (world: World): number => world.calls.get('defender.resultLink') ?? 0;

describe('a result that another instance claims between our look and our claim', () => {
  it('is left to it', async () => {
    const { world, message } = await owed();
    const { work } = world.deps;
    let taken = false;
    const job: typeof work.job = async (...key) => {
      const row = await work.job(...key);
      if (row && !taken) {
        taken = true;
        await claimJob(world.deps, row);
      }
      return row;
    };
    await archiveResult({ ...world.deps, work: { ...work, job } }, message);
    expect(links(world)).toBe(0);
    expect((await jobOf(world)).value.tries).toBe(1);
  });

  it('and gives back uncounted, to wait, is not taken for ours', async () => {
    const { world } = await owed();
    const { work } = world.deps;
    const row = await jobOf(world);
    const waits = world.clock.now() + minutes(5);
    let cameBetween = false;
    const commit: typeof work.commit = async (...change) => {
      const written = await work.commit(...change);
      if (cameBetween) return written;
      cameBetween = true;
      const other = await claimJob(world.deps, await jobOf(world));
      await other?.save({ ...other.job, tries: other.job.tries - 1, nextAt: waits });
      return written;
    };
    expect(await claimJob({ ...world.deps, work: { ...work, commit } }, row)).toBeUndefined();
    expect((await jobOf(world)).value).toMatchObject({ tries: 1, nextAt: waits });
  });
});

describe('a result that no try could bring', () => {
  it('says ResultNotAvailable, and what to do, also where every try was cut off', async () => {
    const { world, ids, message } = await owed();
    const row = await jobOf(world);
    await world.state.work.commit(TENANT, { jobs: [{ ...row, value: { ...row.value, tries: 12 } }] });
    await archiveResult(world.deps, message);
    const { failure, state } = await taskOf(world, ids[0] ?? '');
    expect(state).toBe('failed');
    expect(failure).toMatchObject({ code: 'ResultNotAvailable', remedy: expect.stringMatching(/\w/) });
  });
});

describe('a file whose gzip stream does not unpack', () => {
  it('is believed, and stored as it comes, once three tries have brought the very same bytes', async () => {
    const { world, ids, message } = await owed(1, GET_FILE);
    const bytes = Buffer.concat([Uint8Array.of(0x1f, 0x8b, 8, 0), Buffer.alloc(500, 0xff)]);
    world.results.change(() => ({ bytes }));
    for (let tries = 1; tries <= 2; tries += 1) {
      await archiveResult(world.deps, message);
      expect((await jobOf(world)).value).toMatchObject({ tries, doubted: { times: tries } });
      world.clock.moveTo((await jobOf(world)).value.nextAt);
    }
    await archiveResult(world.deps, message);
    const task = await taskOf(world, ids[0] ?? '');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(task).toMatchObject({ state: 'archived', commands: [{ artifact: { bytes: bytes.length, sha256 } }] });
    expect(task.commands[0]?.artifact).not.toHaveProperty('contentSha256');
  });
});

describe('a result of one task alone', () => {
  it('is recorded by one look at that task: nobody else is looked for', async () => {
    const { world, message } = await owed();
    const before = world.calls.get('collections.tasksById') ?? 0;
    await archiveResult(world.deps, message);
    expect(world.calls.get('collections.tasksById')).toBe(before + 1);
    expect(await jobsOf(world)).toEqual([]);
  });
});

describe('a result that two are owed', () => {
  it('and that is damaged once it is stored for the first is asked for at once for the second, at no cost', async () => {
    const { world, ids, message } = await owed(2);
    const { blobName } = (await jobOf(world)).value;
    const damaging: Deps = {
      ...world.deps,
      checkpoint: (point) => {
        if (point === 'archive.afterArtifact') world.evidence.replaceBytes(blobName, new Uint8Array(3));
      },
    };
    await archiveResult(damaging, message);
    const { value } = await jobOf(world);
    expect(value).toMatchObject({ task: { collectionId: ids[1] }, askAgain: true, tries: 0 });
    expect(value.nextAt).toBe(world.clock.now());
    expect(underWay(world)).toEqual([{ message, inMs: 0 }]);
    await archiveResult(world.deps, message);
    expect((await taskOf(world, ids[1] ?? '')).state).toBe('archived');
    expect(links(world)).toBe(2);
  });

  it('and whose copy runs out of time goes on at once with one message, and that counts as a try', async () => {
    const { world, ids, message } = await owed(2);
    const slow: Deps['evidence'] = {
      ...world.deps.evidence,
      read: async (blobName) => {
        world.clock.moveTo(world.clock.now() + minutes(26));
        return world.deps.evidence.read(blobName);
      },
    };
    await archiveResult({ ...world.deps, evidence: slow }, message);
    expect((await taskOf(world, ids[0] ?? '')).state).toBe('archived');
    expect((await jobOf(world)).value).toMatchObject({ tries: 1, nextAt: world.clock.now() });
    expect(underWay(world)).toEqual([{ message, inMs: 0 }]);
    await archiveResult(world.deps, message);
    expect((await taskOf(world, ids[1] ?? '')).state).toBe('archived');
    expect(links(world)).toBe(1);
    expect(await jobsOf(world)).toEqual([]);
  });
});

describe('a copy of earlier evidence whose task has not heard of it', () => {
  it('waits, uncounted, until whoever was to tell the task must have died', async () => {
    const world = createWorld({ devices: [anna], settings: { reuseMs: minutes(10) } });
    const asked = { devices: [anna] };
    await world.runUntilEnded(await world.ask(asked), { atMost: minutes(10) });
    world.crashAt('reuse.afterJobs');
    const again = await world.ask(asked);
    await world.runUntil(async () => (await jobsOf(world)).length > 0, { atMost: minutes(1) });
    const { value } = await jobOf(world);
    const { attemptId, index } = value;
    await archiveResult(world.deps, value);
    expect((await jobOf(world)).value).toMatchObject({ tries: 0, nextAt: world.clock.now() + seconds(50) });
    expect(underWay(world)).toEqual([{ message: { attemptId, index }, inMs: seconds(50) }]);
    expect((await taskOf(world, again)).state).toBe('queued');
  });
});
