import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import type { CollectionStore } from '../../../shared/ports.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import { type Checkpoint, SHARING_CHECKPOINTS } from '../../../shared/use-cases/checkpoints.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { taskView } from '../../../shared/use-cases/views/task-view.ts';
import { GET_FILE, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { custodyOf, runsOn, submits, taskOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World, type WorldOptions } from '../../world/world.ts';

const anna = device();
const ASKED = { devices: [anna], commands: [PUT_FILE, RUN_SCRIPT, GET_FILE] };
const TENANT = 'contoso';

/** A world in which evidence of a device has just been archived. */
async function withEvidence(settings: WorldOptions['settings'] = {}): Promise<{ world: World; earlier: string }> {
  const world = createWorld({ devices: [anna], settings: { reuseMs: minutes(10), ...settings } });
  const earlier = await world.ask(ASKED);
  await world.runUntilEnded(earlier, { atMost: minutes(10) });
  return { world, earlier };
}

const artifactsOf = async (world: World, id: string) =>
  (await taskOf(world, id)).commands.flatMap((c) => c.artifact ?? []);

describe('a repeat within the time set', () => {
  it('gets copies of the evidence archived minutes ago, without a submit or a call for a result', async () => {
    const { world, earlier } = await withEvidence();
    await world.run(minutes(5));
    const calls = world.calls.get('defender.resultLink');
    const again = await world.ask({ ...ASKED, caseId: 'INC-8' });
    await world.runUntilEnded(again, { atMost: seconds(30) });
    expect(submits(world, anna)).toHaveLength(1);
    expect(world.calls.get('defender.resultLink')).toBe(calls);
    const [before, after] = [await artifactsOf(world, earlier), await artifactsOf(world, again)];
    expect(after.map((a) => a.sha256)).toEqual(before.map((a) => a.sha256));
    for (const { blobName } of after) {
      expect(blobName).toMatch(/^INC-8\//);
      expect(world.evidence.names()).toContain(blobName);
    }
    expect(wrongs(world)).toEqual([]);
  });

  it('says so, and when the evidence was archived', async () => {
    const { world, earlier } = await withEvidence();
    const again = await world.ask(ASKED);
    await world.runUntilEnded(again, { atMost: seconds(30) });
    const task = await taskOf(world, again);
    const { machineActionId } = await taskOf(world, earlier);
    const archivedAt = Math.min(...(await artifactsOf(world, earlier)).map((a) => a.archivedAt));
    expect(task).toMatchObject({ state: 'archived', attempts: 0, machineActionId, reusedFrom: { archivedAt } });
    const request = await world.state.collections.request(again);
    expect(request && taskView(task, request)).toMatchObject({ reusedFrom: { archivedAt: toIso(archivedAt) } });
    const custody = await custodyOf(world, again);
    const told = custody.filter((e) => e.type === 'evidence.reused' || e.type === 'artifact.archived');
    expect(told).toMatchObject([
      { type: 'evidence.reused', machineActionId, data: { archivedAt: toIso(archivedAt) } },
      { type: 'artifact.archived', machineActionId, data: { reused: true } },
      { type: 'artifact.archived', machineActionId, data: { reused: true } },
    ]);
    expect(JSON.stringify(custody)).not.toContain(earlier);
  });

  it('counts the time from the run, however often its evidence was copied', async () => {
    const { world } = await withEvidence();
    for (let repeats = 0; repeats < 2; repeats += 1) {
      await world.run(minutes(4));
      await world.runUntilEnded(await world.ask(ASKED), { atMost: seconds(30) });
    }
    expect(submits(world, anna)).toHaveLength(1);
    await world.run(minutes(4));
    await world.runUntilEnded(await world.ask(ASKED), { atMost: minutes(10) });
    expect(submits(world, anna)).toHaveLength(2);
  });

  it('serves all who wait together', async () => {
    const other = devices(1);
    const world = createWorld({
      devices: [anna, ...other],
      settings: { reuseMs: minutes(10), sessions: 1, sessionsReserved: 0 },
    });
    await world.runUntilEnded(await world.ask(ASKED), { atMost: minutes(10) });
    const blocking = await world.ask({ devices: other });
    await world.run(seconds(10));
    const ids = [await world.ask(ASKED), await world.ask(ASKED), await world.ask(ASKED)];
    await world.runUntilEnded([blocking, ...ids], { atMost: minutes(10) });
    for (const id of ids) expect(await taskOf(world, id)).toMatchObject({ state: 'archived', attempts: 0 });
    expect(submits(world, anna)).toHaveLength(1);
  });

  it('asks Defender for the same results where what is stored is not what it was', async () => {
    const { world, earlier } = await withEvidence();
    for (const { blobName, bytes } of await artifactsOf(world, earlier))
      world.evidence.replaceBytes(blobName, new Uint8Array(bytes));
    const calls = world.calls.get('defender.resultLink') ?? 0;
    const again = await world.ask(ASKED);
    await world.runUntilEnded(again, { atMost: minutes(5) });
    expect((await taskOf(world, again)).state).toBe('archived');
    expect((await artifactsOf(world, again)).map((a) => a.sha256)).toEqual(
      (await artifactsOf(world, earlier)).map((a) => a.sha256),
    );
    expect(world.calls.get('defender.resultLink')).toBe(calls + 2);
    expect(submits(world, anna)).toHaveLength(1);
  });
});

describe('a run of its own is made', () => {
  it.each([
    ['where the setting is off', { reuseMs: 0 }, 0, ASKED],
    ['after the time set', {}, minutes(11), ASKED],
    ['for other commands', {}, 0, { ...ASKED, commands: [RUN_SCRIPT] }],
    ['for other arguments', {}, 0, { ...ASKED, commands: [PUT_FILE, { ...RUN_SCRIPT, args: '-x' }, GET_FILE] }],
  ] as const)('%s', async (_, settings, later, asked) => {
    const { world } = await withEvidence(settings);
    await world.run(later);
    const again = await world.ask(asked);
    await world.runUntilEnded(again, { atMost: minutes(10) });
    expect(await taskOf(world, again)).toMatchObject({ state: 'archived', attempts: 1 });
    expect(submits(world, anna)).toHaveLength(2);
  });

  it('where the evidence is not in storage any more', async () => {
    const { world, earlier } = await withEvidence();
    const [first] = await artifactsOf(world, earlier);
    world.evidence.replaceBytes(first?.blobName ?? '', new Uint8Array(1));
    const again = await world.ask(ASKED);
    await world.runUntilEnded(again, { atMost: minutes(10) });
    expect(submits(world, anna)).toHaveLength(2);
  });

  it('where the state of the earlier collection has been removed', async () => {
    const { world } = await withEvidence({ reuseMs: hours(5), retentionMs: minutes(30) });
    await world.run(hours(1));
    await world.call(async (deps) => ({ kept: await keepHouse(deps) }));
    const again = await world.ask(ASKED);
    await world.runUntilEnded(again, { atMost: minutes(10) });
    expect(await taskOf(world, again)).not.toHaveProperty('reusedFrom');
    expect(submits(world, anna)).toHaveLength(2);
  });

  it('where not all of it was archived', async () => {
    const half = device({ commands: [{ type: 'GetFile', fails: { errors: ['no such file'], endsAs: 'Failed' } }] });
    const world = createWorld({ devices: [half], settings: { reuseMs: minutes(10) } });
    for (let times = 0; times < 2; times += 1)
      await world.runUntilEnded(await world.ask(ASKED), { atMost: minutes(10) });
    expect(runsOn(world, half)).toBe(2);
  });
});

describe('a crash while evidence is reused', () => {
  const points: Checkpoint[] = [
    ...SHARING_CHECKPOINTS.filter((point) => /^(reuse|archive)\./.test(point)),
    'archive.afterClaim',
    'archive.afterArtifact',
    'close.beforeManifest',
  ];

  it.each(points)('at %s loses nothing, and asks the device once more at most', async (point) => {
    const { world } = await withEvidence();
    world.crashAt(point, 2);
    const again = await world.ask(ASKED);
    await world.runUntilEnded(again, { atMost: hours(1) });
    expect(world.failures.some((f) => f.includes(point))).toBe(true);
    expect((await taskOf(world, again)).state).toBe('archived');
    expect((await artifactsOf(world, again)).length).toBe(2);
    const { jobs } = await world.state.work.load(TENANT);
    await world.run(minutes(3));
    expect((await world.state.work.load(TENANT)).jobs.length).toBe(0);
    expect(jobs.length).toBeLessThanOrEqual(6);
    expect(wrongs(world)).toEqual([]);
  });

  it('or a pause before the task is told leaves it to wait, when its jobs have gone meanwhile', async () => {
    const { world } = await withEvidence();
    world.lose('ticks', 1);
    const again = await world.ask(ASKED);
    await world.run(seconds(1));
    const { collections } = world.deps;
    let held = false;
    const slow: CollectionStore = {
      ...collections,
      commit: async (change) => {
        if (!held && change.tasks?.some((t) => t.reusedFrom)) {
          held = true;
          world.clock.moveTo(world.clock.now() + minutes(2));
          for (const { value } of (await world.state.work.load(TENANT)).jobs) await archiveResult(world.deps, value);
        }
        return collections.commit(change);
      },
    };
    await dispatchTasks({ ...world.deps, collections: slow });
    expect(held).toBe(true);
    await world.runUntilEnded(again, { atMost: minutes(20) });
    expect((await taskOf(world, again)).state).toBe('archived');
    expect(wrongs(world)).toEqual([]);
  });
});
