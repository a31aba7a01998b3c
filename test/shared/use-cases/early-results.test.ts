import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import { CHECKPOINTS } from '../../../shared/use-cases/checkpoints.ts';
import { followActions } from '../../../shared/use-cases/follow-actions.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { actionsOn, custodyOf, runsOn, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World, type WorldOptions } from '../../world/world.ts';

/** The script takes a minute, the file behind it twenty. */
const anna: DeviceInput = device({
  commands: [
    { type: 'RunScript', runMs: minutes(1) },
    { type: 'GetFile', runMs: minutes(20) },
  ],
});
const TWO = { devices: [anna], commands: [RUN_SCRIPT, GET_FILE] };

const scriptStored = (world: World, id: string) => async (): Promise<boolean> => {
  const [task] = await tasksOf(world, id);
  return task?.commands[0]?.artifact !== undefined;
};
const links = (world: World) => world.calls.get('defender.resultLink') ?? 0;
const openJobs = async (world: World) => (await world.state.work.load('contoso')).jobs.length;
const openAttempts = async (world: World) => {
  const { attempts } = await world.state.work.load('contoso');
  return attempts.filter((a) => a.value.state !== 'closed').length;
};

async function underWay(options: WorldOptions = {}): Promise<{ world: World; id: string }> {
  const world = createWorld({ devices: [anna], ...options });
  return { world, id: await world.ask(TWO) };
}

describe('a result whose command has ended', () => {
  it('is archived while the next command of its action still runs', async () => {
    const { world, id } = await underWay();
    await world.runUntil(scriptStored(world, id), { atMost: minutes(5) });
    const task = await taskOf(world, id);
    expect(task.state).toBe('running');
    expect(task.commands.map((c) => c.state)).toEqual(['archived', 'running']);
    await world.runUntilEnded(id, { atMost: minutes(40) });
    const ended = await taskOf(world, id);
    expect(ended).toMatchObject({ state: 'archived' });
    expect(ended.commands[0]?.artifact).toEqual(task.commands[0]?.artifact);
    expect(links(world)).toBe(2);
    expect([await openJobs(world), await openAttempts(world)]).toEqual([0, 0]);
    expect(wrongs(world)).toEqual([]);
  });

  it('waits for the end of the action where Defender gives its link only then, and costs no try of it', async () => {
    const { world, id } = await underWay({ switches: { linkAt: 'actionEnd' } });
    await world.run(minutes(10));
    expect((await taskOf(world, id)).commands[0]).toMatchObject({ state: 'completed' });
    expect(await openJobs(world)).toBe(0);
    await world.runUntilEnded(id, { atMost: minutes(40) });
    expect(await taskOf(world, id)).toMatchObject({ state: 'archived' });
    expect(links(world)).toBe(3);
    expect([await openJobs(world), await openAttempts(world)]).toEqual([0, 0]);
  });

  it('is kept when the collection is cancelled while the action goes on', async () => {
    const { world, id } = await underWay({ switches: { cancelHidesRun: true } });
    await world.runUntil(scriptStored(world, id), { atMost: minutes(5) });
    await world.call((deps) => cancelCollection(deps, id, { by: { kind: 'http' } }).then((c) => [c]));
    await world.runUntilEnded(id, { atMost: minutes(40) });
    expect((await taskOf(world, id)).commands[0]).toMatchObject({ state: 'archived' });
    expect((await custodyOf(world, id)).filter((e) => e.type === 'artifact.archived').length).toBeGreaterThan(0);
    expect([await openJobs(world), await openAttempts(world)]).toEqual([0, 0]);
  });

  it('goes to the first of those who share the run at once, and to the others at the end, with one link', async () => {
    const { world, id } = await underWay();
    const other = await world.ask(TWO);
    await world.runUntil(scriptStored(world, id), { atMost: minutes(5) });
    const late = await world.ask(TWO);
    const ids = [id, other, late];
    await world.runUntilEnded(ids, { atMost: minutes(40) });
    const tasks = await Promise.all(ids.map((one) => taskOf(world, one)));
    expect(tasks.map((t) => t.state)).toEqual(['archived', 'archived', 'archived']);
    const artifacts = tasks.flatMap((t) => t.commands.flatMap((c) => c.artifact ?? []));
    expect(new Set(artifacts.map((a) => a.blobName)).size).toBe(6);
    expect(new Set(artifacts.map((a) => a.sha256)).size).toBe(2);
    expect(runsOn(world, anna)).toBe(1);
    expect(links(world)).toBe(2);
    expect([await openJobs(world), await openAttempts(world)]).toEqual([0, 0]);
  });

  it.each(CHECKPOINTS)('is neither lost nor taken twice when the process dies at %s', async (point) => {
    const { world, id } = await underWay();
    const other = await world.ask(TWO);
    await world.run(seconds(100));
    world.crashAt(point, 2);
    await world.runUntilEnded([id, other], { atMost: minutes(60) });
    for (const one of [id, other]) {
      const task = await taskOf(world, one);
      expect(task).toMatchObject({ state: 'archived' });
      for (const { artifact } of task.commands) expect(world.evidence.names()).toContain(artifact?.blobName);
    }
    expect(runsOn(world, anna)).toBe(1);
    expect(await openJobs(world)).toBe(0);
    expect(wrongs(world)).toEqual([]);
  });
});

describe('an early result that is on its way', () => {
  /** Its job is there, and no message of it. */
  async function onItsWay() {
    const { world, id } = await underWay();
    world.lose('results', 1);
    await world.runUntil(async () => (await openJobs(world)) > 0, { atMost: minutes(5) });
    const [job] = (await world.state.work.load('contoso')).jobs;
    return { world, id, message: { attemptId: job?.value.attemptId ?? '', index: 0 } };
  }

  it('goes on for who joined meanwhile and is owed it when the action ends during the copy', async () => {
    const { world, id, message } = await onItsWay();
    const late = await world.ask(TWO);
    world.lose('results', 9);
    await world.run(seconds(3));
    expect((await taskOf(world, late)).state).toBe('pending');
    world.clock.moveTo((actionsOn(world, anna)[0]?.timeline.endsAt ?? 0) + seconds(1));
    const put: (typeof world.evidence)['put'] = async (...blob) => {
      for (let look = 0; look < 6 && (await taskOf(world, late)).state !== 'archiving'; look += 1) {
        world.clock.moveTo(world.clock.now() + seconds(5));
        await followActions(world.deps);
      }
      return world.deps.evidence.put(...blob);
    };
    await archiveResult({ ...world.deps, evidence: { ...world.deps.evidence, put } }, message);
    await world.runUntilEnded([id, late], { atMost: hours(1) });
    expect((await taskOf(world, id)).state).toBe('archived');
    expect((await taskOf(world, late)).state).toBe('archived');
    expect(await openJobs(world)).toBe(0);
  });

  it('is kept for who leaves the run before it is stored: nothing lies in the folder that the manifest does not list', async () => {
    const { world, id } = await onItsWay();
    const other = await world.ask(TWO);
    await world.run(seconds(2));
    await world.call((deps) => cancelCollection(deps, id, { by: { kind: 'http' } }).then((c) => [c]));
    await world.runUntilEnded([id, other], { atMost: hours(1) });
    const task = await taskOf(world, id);
    const told = task.commands.flatMap((c) => c.artifact?.blobName ?? []);
    const stored = world.evidence.names().filter((name) => name.includes(id) && !name.endsWith('manifest.json'));
    expect(stored).toEqual(told);
    expect(task.state).toBe('partial');
    expect((await taskOf(world, other)).state).toBe('archived');
  });

  it('is asked for again at the end where the link came before the result', async () => {
    const { world, id } = await underWay();
    world.results.change((_result, link) => (link === 1 ? { fault: { kind: 'notFound' } } : undefined));
    await world.runUntilEnded(id, { atMost: hours(1) });
    expect((await taskOf(world, id)).state).toBe('archived');
  });
});
