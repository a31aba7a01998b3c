import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../../../shared/domain/time.ts';
import type { CollectionStore, Registers } from '../../../shared/ports.ts';
import { advanceCollection } from '../../../shared/use-cases/advance-collection.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import { changeTasks } from '../../../shared/use-cases/change-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { followActions } from '../../../shared/use-cases/follow-actions.ts';
import { governedDefender } from '../../../shared/use-cases/governed-defender.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { runsOn, taskOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

/** Stories of two writers, or of one that was held up; the simulation found each of them first (docs/reliability.md). */

const anna = device();
const TENANT = 'contoso';

/** A world in which both results of a device wait to be stored, and no message says so. */
async function twoResultsWaiting(): Promise<{ world: World; collectionId: string; attemptId: string }> {
  const world = createWorld({ devices: [anna] });
  world.lose('results', 1000);
  const collectionId = await world.ask({ devices: [anna], commands: [RUN_SCRIPT, GET_FILE] });
  const waiting = async () => {
    const { attempts, jobs } = await world.state.work.load(TENANT);
    return jobs.length === 2 && attempts[0]?.value.state === 'archiving';
  };
  await world.runUntil(waiting, { atMost: minutes(20) });
  const [job] = (await world.state.work.load(TENANT)).jobs;
  return { world, collectionId, attemptId: job?.value.attemptId ?? '' };
}

describe('two changes of one task at the same moment', () => {
  it('are both kept, also when one of them is made while the other reads', async () => {
    const { world, collectionId } = await twoResultsWaiting();
    const { taskId } = await taskOf(world, collectionId);
    const at = world.clock.now();
    const store = (deps: Deps, index: number) => {
      const artifact = { artifactId: `a${index}`, blobName: `b${index}`, bytes: 1, sha256: 'ff', archivedAt: at };
      return changeTasks(deps, collectionId, [{ taskId, event: { type: 'stored', at, index, artifact } }]);
    };
    const { collections } = world.deps;
    let other: Promise<unknown> | undefined;
    const slowHeader: CollectionStore = {
      ...collections,
      header: async (id) => {
        other ??= store(world.deps, 1);
        await other;
        return collections.header(id);
      },
    };
    await store({ ...world.deps, collections: slowHeader }, 0);
    const { commands, state } = await taskOf(world, collectionId);
    expect(commands.map((c) => c.state)).toEqual(['archived', 'archived']);
    expect(state).toBe('archived');
  });
});

describe('the last two results of an attempt', () => {
  it('close it also when they are stored at the same moment', async () => {
    const { world, collectionId, attemptId } = await twoResultsWaiting();
    await Promise.all([0, 1].map((index) => archiveResult(world.deps, { attemptId, index })));
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    const { attempts, jobs } = await world.state.work.load(TENANT);
    expect(jobs).toEqual([]);
    expect(attempts.map((a) => a.value.state)).toEqual(['closed']);
  });
});

describe('a result', () => {
  it('is given up without another link once twelve tries have begun, whatever ended them', async () => {
    const { world, collectionId, attemptId } = await twoResultsWaiting();
    const job = await world.state.work.job(TENANT, attemptId, 0);
    if (!job) throw new Error('there is no job');
    await world.state.work.commit(TENANT, { jobs: [{ ...job, value: { ...job.value, tries: 12 } }] });
    await archiveResult(world.deps, { attemptId, index: 0 });
    expect(world.calls.get('defender.resultLink')).toBeUndefined();
    const [command] = (await taskOf(world, collectionId)).commands;
    expect(command).toMatchObject({ state: 'failed' });
  });

  it('loses no try to a store that is out of order, and is tried again a minute later', async () => {
    const { world, attemptId } = await twoResultsWaiting();
    const evidence = { ...world.deps.evidence, put: () => Promise.reject(new Error('503 ServerBusy')) };
    await archiveResult({ ...world.deps, evidence }, { attemptId, index: 0 });
    const job = await world.state.work.job(TENANT, attemptId, 0);
    expect(job?.value).toMatchObject({ tries: 0, nextAt: world.clock.now() + minutes(1) });
  });
});

describe('a sender that was held up between its attempt and the task', () => {
  it('finds that its turn is over, when a poll has given the attempt up meanwhile', async () => {
    const world = createWorld({ devices: [anna] });
    world.lose('ticks', 1);
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(1);
    const { collections } = world.deps;
    let heldUp = false;
    const slow: CollectionStore = {
      ...collections,
      commit: async (change) => {
        if (!heldUp && change.tasks?.some((task) => task.state === 'submitting')) {
          heldUp = true;
          world.clock.moveTo(world.clock.now() + minutes(2));
          await followActions(world.deps);
        }
        return collections.commit(change);
      },
    };
    await dispatchTasks({ ...world.deps, collections: slow });
    expect(heldUp).toBe(true);
    await world.runUntilEnded(collectionId, { atMost: minutes(20) });
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archived', attempts: 1 });
    expect(runsOn(world, anna)).toBe(1);
    expect(wrongs(world)).toEqual([]);
  });
});

describe('a Defender call whose caller was held up after it was counted', () => {
  it('is counted anew before it is made', async () => {
    const world = createWorld({ devices: [anna] });
    const { clock } = world;
    let heldUp = false;
    const registers: Registers = {
      ...world.state.registers,
      write: async (...args) => {
        const written = await world.state.registers.write(...args);
        if (!heldUp) clock.moveTo(clock.now() + hours(1));
        heldUp = true;
        return written;
      },
    };
    const limits = { callsPerMinute: 100, callsPerHour: 1500 };
    const defender = governedDefender(world.deps.defender, { registers, clock, tenantId: 'other', limits });
    expect(await defender.machines()).toMatchObject({ ok: true });
    const counted = await world.state.registers.read<{ seconds: [number, number][] }>('other', 'calls-machines');
    expect(counted?.value.seconds.map(([at]) => at)).toEqual([Math.floor(clock.now() / 1000) * 1000]);
  });
});

describe('a message of a collection whose targets cannot be resolved now', () => {
  it('brings no second message when it comes twice', async () => {
    const world = createWorld({ devices: [anna] });
    world.tenant.state.faults.add({ endpoint: '*', times: 1000, skip: 0, fault: { kind: 'reset' } });
    world.lose('collections', 1);
    const collectionId = await world.ask({ targets: [{ computerDnsName: anna.computerDnsName }] });
    await world.run(1);
    for (let times = 0; times < 3; times += 1) await advanceCollection(world.deps, collectionId);
    expect(await world.state.queues.depth('collections')).toBe(1);
  });
});
