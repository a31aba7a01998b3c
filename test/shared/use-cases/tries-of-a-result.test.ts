import { describe, expect, it } from 'vitest';
import type { ResultJob } from '../../../shared/domain/attempt.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { DefenderFault } from '../../../shared/ports.ts';
import { archiveResult, remindResults } from '../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { claimJob, keepingClaim } from '../../../shared/use-cases/result-claim.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { custodyOf, taskOf } from '../../world/seen.ts';
import type { ResultChange } from '../../world/tenant-results.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();
const TENANT = 'contoso';

/** A world in which one result waits to be stored, and no message of it is under way. */
async function waiting(command: object = RUN_SCRIPT) {
  const world = createWorld({ devices: [anna] });
  // the early one, and the one at the end of the action
  world.lose('results', 2);
  const collectionId = await world.ask({ devices: [anna], commands: [command] });
  const jobs = async () => (await world.state.work.load(TENANT)).jobs;
  const isOver = async () => (await world.state.work.load(TENANT)).attempts.some((a) => a.value.state === 'archiving');
  await world.runUntil(isOver, { atMost: minutes(20) });
  world.state.queues.receive('results', world.clock.now() + hours(1));
  const row = async () => {
    const [only] = await jobs();
    if (!only) throw new Error('the result is not waited for any more');
    return only;
  };
  const { value } = await row();
  const message = { attemptId: value.attemptId, index: value.index };
  return {
    world,
    collectionId,
    row,
    job: async () => (await row()).value,
    jobs,
    message,
    archive: (deps: Partial<Deps> = {}) => archiveResult({ ...world.deps, ...deps }, message),
    set: async (fields: Partial<ResultJob>) => {
      const current = await row();
      const changed = { ...current, value: { ...current.value, ...fields } };
      expect(await world.state.work.commit(TENANT, { jobs: [changed] })).toBe('written');
    },
  };
}

/** In how many ms the next message of a result comes; `undefined`: none is under way. */
function nextMessage(world: World): number | undefined {
  const at = world.state.queues.nextVisibleAt('results');
  return at === undefined ? undefined : at - world.clock.now();
}

const noLink = (world: World, fault: DefenderFault): Partial<Deps> => ({
  defender: { ...world.deps.defender, resultLink: async () => ({ ok: false, fault }) },
});

describe('a try at storing a result', () => {
  it('is not begun before its time, give or take a second', async () => {
    const { world, archive, set, job, jobs } = await waiting();
    await set({ nextAt: world.clock.now() + seconds(1) + 1 });
    await archive();
    expect((await job()).tries).toBe(0);
    await set({ nextAt: world.clock.now() + seconds(1) });
    await archive();
    expect(await jobs()).toEqual([]);
  });

  it('is counted and claimed for 30 s before anything is asked of Defender', async () => {
    const { world, archive, job } = await waiting();
    const seen: ResultJob[] = [];
    const resultLink: Deps['defender']['resultLink'] = async () => {
      seen.push(await job());
      return { ok: false, fault: { kind: 'notFound', code: '', message: '' } };
    };
    const now = world.clock.now();
    await archive({ defender: { ...world.deps.defender, resultLink } });
    expect(seen).toMatchObject([{ tries: 1, nextAt: now + seconds(30) }]);
  });

  it('is left to whoever was faster', async () => {
    const { world, row } = await waiting();
    const before = await row();
    expect(await claimJob(world.deps, before)).toBeDefined();
    expect(await claimJob(world.deps, before)).toBeUndefined();
  });

  it('of what is stored already is none', async () => {
    const { world, archive, collectionId } = await waiting();
    await archive();
    const stored = await taskOf(world, collectionId);
    await archive();
    expect(await taskOf(world, collectionId)).toEqual(stored);
    expect(world.calls.get('defender.resultLink')).toBe(1);
  });

  it('stores a script’s result with its exit code, and where it belongs as metadata', async () => {
    const { world, archive, collectionId, job } = await waiting();
    const { machineActionId, machineId, blobName } = await job();
    await archive();
    const task = await taskOf(world, collectionId);
    const { artifact } = task.commands[0] ?? {};
    expect(artifact).toMatchObject({ blobName, exitCode: 0, archivedAt: world.clock.now() });
    expect(artifact?.artifactId).toMatch(new RegExp(`^${task.taskId}-00-[0-9a-f]{8}$`));
    expect(artifact).not.toHaveProperty('contentSha256');
    const { metadata } = (await world.evidence.stat(blobName)) ?? {};
    // names of metadata come back in lower case
    expect(metadata).toMatchObject({
      collectionid: collectionId,
      taskid: task.taskId,
      machineid: machineId,
      machineactionid: machineActionId,
      commandindex: '0',
    });
    expect(world.log.entries.at(-1)).toMatchObject({
      event: 'artifact.archived',
      fields: { collectionId, taskId: task.taskId, blobName, bytes: artifact?.bytes, sha256: artifact?.sha256 },
    });
  });

  it('stores a file with hash and size of its content', async () => {
    const { archive, world, collectionId } = await waiting(GET_FILE);
    await archive();
    const { artifact } = (await taskOf(world, collectionId)).commands[0] ?? {};
    expect(artifact?.contentBytes).toBe(20_000);
    expect(artifact?.contentSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(artifact).not.toHaveProperty('exitCode');
  });

  it('closes its attempt, and the collection is closed by its own message', async () => {
    const { archive, world, collectionId } = await waiting();
    await archive();
    expect((await world.state.work.load(TENANT)).attempts.map((a) => a.value.state)).toEqual(['closed']);
    expect((await custodyOf(world, collectionId)).at(-1)?.type).toBe('collection.closing');
    expect(await world.state.queues.depth('collections')).toBe(1);
  });
});

describe('a try that Defender gives no link', () => {
  it.each([
    [{ kind: 'budgetSpent', retryAfterMs: seconds(17) }, seconds(17)],
    [{ kind: 'rateLimited', retryAfterMs: seconds(33), message: '' }, seconds(33)],
  ] as [DefenderFault, number][])(
    'for its rate costs nothing but the wait that it asks for: %j',
    async (fault, wait) => {
      const { world, archive, job } = await waiting();
      await archive(noLink(world, fault));
      expect(await job()).toMatchObject({ tries: 0, nextAt: world.clock.now() + wait });
      expect(nextMessage(world)).toBe(wait);
    },
  );

  it('for its rate, and says nothing of a wait, is repeated within seconds', async () => {
    const { world, archive, job } = await waiting();
    await archive(noLink(world, { kind: 'rateLimited', message: '' }));
    const { tries, nextAt } = await job();
    expect(tries).toBe(0);
    expect(nextAt - world.clock.now()).toBeGreaterThanOrEqual(seconds(1.5));
    expect(nextAt - world.clock.now()).toBeLessThanOrEqual(seconds(2));
  });

  it('during an outage waits ever longer and is not counted, for three hours', async () => {
    const { world, archive, job } = await waiting();
    const down = noLink(world, { kind: 'unavailable', message: '', reached: false });
    const { createdAt } = await job();
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      await archive({ ...down, random: () => 0 });
      waits.push((await job()).nextAt - world.clock.now());
      world.clock.moveTo((await job()).nextAt);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 120, 120].map(seconds));
    expect(await job()).toMatchObject({ tries: 0, linkFaults: 8 });
    world.clock.moveTo(createdAt + hours(3));
    await archive(down);
    expect((await job()).tries).toBe(1);
  });

  it('because there is none yet is counted, and says so in the log', async () => {
    const { world, archive, job, collectionId } = await waiting();
    await archive(noLink(world, { kind: 'notFound', code: '', message: '' }));
    expect((await job()).tries).toBe(1);
    expect(world.log.entries.at(-1)).toMatchObject({
      level: 'warn',
      event: 'result.tryFailed',
      fields: { collectionId, index: 0, tries: 1, error: expect.stringContaining('notFound') },
    });
  });
});

describe('a result that cannot be stored', () => {
  const failing: [string, ResultChange, string, RegExp][] = [
    ['whose link is refused', { fault: { kind: 'linkRefused' } }, 'ResultNotAvailable', /linkRefused/],
    ['that is not there', { fault: { kind: 'notFound' } }, 'ResultNotAvailable', /notFound/],
    ['that changes', { fault: { kind: 'changed' } }, 'ResultDamaged', /changed/],
    ['that arrives short', { announcedBytes: 1_000_000 }, 'ResultDamaged', /damaged/],
  ];

  it.each(failing)('%s is given up with the tenth try, and not with the ninth', async (_, change, code, error) => {
    const { world, archive, set, job, jobs, collectionId } = await waiting();
    world.results.change(() => change);
    await set({ tries: 8 });
    await archive();
    expect((await job()).tries).toBe(9);
    await set({ nextAt: world.clock.now() });
    await archive();
    expect(await jobs()).toEqual([]);
    const task = await taskOf(world, collectionId);
    expect(task).toMatchObject({ state: 'failed', failure: { code } });
    expect(task.commands[0]?.errors).toEqual([code, expect.stringMatching(error)]);
  });

  it('because its host is not allowed names the host', async () => {
    const { world, archive, jobs, collectionId } = await waiting();
    world.results.change(() => ({ host: 'results.evil.example' }));
    await archive();
    expect(await jobs()).toEqual([]);
    const { commands, failure } = await taskOf(world, collectionId);
    expect(failure?.code).toBe('ResultHostNotAllowed');
    expect(commands[0]?.errors.join()).toContain('results.evil.example');
  });

  it('because every try was cut off is given up after twelve that began', async () => {
    const { archive, set, world, collectionId, jobs } = await waiting();
    await set({ tries: 11 });
    const failing = noLink(world, { kind: 'budgetSpent', retryAfterMs: 0 });
    await archive(failing);
    expect(await jobs()).toHaveLength(1);
    await set({ tries: 12, nextAt: 0 });
    await archive();
    expect(world.calls.get('defender.resultLink')).toBeUndefined();
    expect((await taskOf(world, collectionId)).commands[0]?.errors).toContain('Every try ended before it was over.');
  });
});

describe('a store that is out of order', () => {
  const broken = (world: World): Partial<Deps> => ({
    evidence: { ...world.deps.evidence, put: () => Promise.reject(new RangeError('sig=SECRET')) },
  });

  it('for less than three hours costs no try, and its message is not quoted', async () => {
    const { world, archive, job, set } = await waiting();
    const { createdAt } = await job();
    world.clock.moveTo(createdAt + hours(3) - 1);
    await set({ nextAt: world.clock.now() });
    await archive(broken(world));
    expect(await job()).toMatchObject({ tries: 0, nextAt: world.clock.now() + minutes(1) });
    expect(nextMessage(world)).toBe(minutes(1));
    expect(world.log.entries.at(-1)).toMatchObject({ event: 'result.storeFailed', fields: { fault: 'RangeError' } });
    expect(JSON.stringify(world.log.entries)).not.toContain('SECRET');
  });

  it('for longer is an error', async () => {
    const { world, archive, job } = await waiting();
    world.clock.moveTo((await job()).createdAt + hours(3));
    await expect(archive(broken(world))).rejects.toThrow('SECRET');
  });
});

describe('a try that runs out of time', () => {
  /** Each read of the source takes `ms`. */
  const slow = (world: World, ms: number): Partial<Deps> => ({
    settings: { ...world.deps.settings, functionTimeoutMs: 0, copy: { blockBytes: 4_096 } },
    evidence: {
      ...world.deps.evidence,
      stageBlock: async (...block) => {
        await world.deps.evidence.stageBlock(...block);
        world.clock.moveTo(world.clock.now() + ms);
      },
    },
  });

  it('goes on at once, uncounted, while it brings something new', async () => {
    const { world, archive, job, set } = await waiting(GET_FILE);
    world.results.change(() => ({ chunkBytes: 4_096 }));
    await archive(slow(world, seconds(10)));
    const { stagedBytes = 0, tries } = await job();
    expect(stagedBytes).toBeGreaterThan(0);
    expect(tries).toBe(0);
    expect(nextMessage(world)).toBe(0);
    await set({ stagedBytes: 1_000_000, nextAt: world.clock.now() });
    await archive(slow(world, seconds(10)));
    expect((await job()).tries).toBe(1);
  });
});

describe('a claim on a result', () => {
  it('is renewed every ten seconds while bytes pass, and stops the try that lost it', async () => {
    const { world, row, job } = await waiting();
    const claim = await claimJob(world.deps, await row());
    if (!claim) throw new Error('not claimed');
    const claimedUntil = (await job()).nextAt;
    world.clock.moveTo(world.clock.now() + seconds(10) - 1);
    await claim.keep();
    expect((await job()).nextAt).toBe(claimedUntil);
    world.clock.moveTo(world.clock.now() + 1);
    await claim.keep();
    expect((await job()).nextAt).toBe(world.clock.now() + seconds(30));
    expect(claim.signal.aborted).toBe(false);

    world.clock.moveTo(world.clock.now() + seconds(31));
    expect(await claimJob(world.deps, await row())).toBeDefined();
    await claim.keep();
    expect(claim.signal.aborted).toBe(true);
    expect(await claim.save(await job())).toBe(false);
  });

  it('is kept by what is read from the source, read back, and copied by the service', async () => {
    const { world, row } = await waiting();
    const claim = await claimJob(world.deps, await row());
    if (!claim) throw new Error('not claimed');
    let kept = 0;
    const counting = {
      ...claim,
      keep: async () => {
        kept += 1;
      },
    };
    const { source, evidence } = keepingClaim(world.deps, counting);
    await evidence.put('some', new Uint8Array(3), { contentType: 'text/plain', metadata: {} });
    expect(await evidence.stat('some')).toMatchObject({ bytes: 3 });
    expect(kept).toBe(0);
    for await (const _ of await evidence.read('some'));
    expect(kept).toBe(1);
    await evidence.stageBlockFromUrl('b', 'AA==', { link: '', offset: 0, bytes: 1 }).catch(() => undefined);
    expect(kept).toBe(2);
    const link = await world.deps.defender.resultLink((await row()).value.machineActionId, 0);
    const opened = await source.open(link.ok ? link.value : '');
    if (!opened.ok) throw new Error('not opened');
    for await (const _ of opened.value.body);
    expect(kept).toBeGreaterThan(2);
  });
});

describe('a heartbeat', () => {
  it('reminds of results that are five seconds late, and of no others', async () => {
    const { world, job, set } = await waiting();
    await set({ nextAt: world.clock.now() - seconds(5) + 1 });
    await remindResults(world.deps, [await job()]);
    expect(nextMessage(world)).toBeUndefined();
    await set({ nextAt: world.clock.now() - seconds(5) });
    await remindResults(world.deps, [await job()]);
    expect(nextMessage(world)).toBe(0);
  });
});
