import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { archiveResult } from '../../../shared/use-cases/archive-result.ts';
import { CHECKPOINTS, SHARING_CHECKPOINTS } from '../../../shared/use-cases/checkpoints.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { dispatchTasks } from '../../../shared/use-cases/dispatch-tasks.ts';
import { followActions } from '../../../shared/use-cases/follow-actions.ts';
import { pollHeartbeat } from '../../../shared/use-cases/run-tick.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, collectionOf, custodyOf, runsOn, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();
const TENANT = 'contoso';

const stateOf = async (world: World, id: string): Promise<string> => (await taskOf(world, id)).state;
const becomes = (world: World, id: string, state: string) =>
  world.runUntil(async () => (await tasksOf(world, id))[0]?.state === state, { atMost: minutes(20) });
const attemptsOf = async (world: World) => (await world.state.work.load(TENANT)).attempts.map((a) => a.value);

/** The only slot is taken by another device for a while, so that what is asked for now waits together. */
async function oneSlotTaken(fleet: readonly DeviceInput[]): Promise<World> {
  const world = createWorld({ devices: [...fleet, ...devices(1)], settings: { sessions: 1, sessionsReserved: 0 } });
  const other = await world.ask({ devices: devices(1) });
  await becomes(world, other, 'pending');
  return world;
}
const cancel = (world: World, id: string) =>
  world.call((deps) => cancelCollection(deps, id, { by: { kind: 'http' } }).then((c) => [c]));

/** Artifacts of a collection of one device: what they are named, and what they hold. */
async function storedOf(world: World, id: string): Promise<{ names: string[]; sha256: string[] }> {
  const artifacts = (await taskOf(world, id)).commands.flatMap((c) => c.artifact ?? []);
  for (const { blobName } of artifacts) expect(world.evidence.names()).toContain(blobName);
  return { names: artifacts.map((a) => a.blobName), sha256: artifacts.map((a) => a.sha256) };
}

async function expectOneRunForAll(world: World, ids: readonly string[], on: DeviceInput = anna): Promise<void> {
  const stored = await Promise.all(ids.map((id) => storedOf(world, id)));
  expect(new Set(stored.flatMap((s) => s.names)).size).toBe(ids.length * (stored[0]?.names.length ?? 0));
  expect(new Set(stored.map((s) => s.sha256.join())).size).toBe(1);
  expect(submits(world, on)).toHaveLength(1);
  expect(wrongs(world)).toEqual([]);
}

describe('requests for the same device, commands and arguments', () => {
  it('go out as one action when they wait together, and each gets evidence of its own', async () => {
    const world = await oneSlotTaken([anna]);
    const asked = { devices: [anna], commands: [RUN_SCRIPT, GET_FILE] };
    const ids = [await world.ask(asked), await world.ask({ ...asked, caseId: 'INC-7' }), await world.ask(asked)];
    await world.run(seconds(5));
    expect(submits(world, anna)).toEqual([]);
    await world.runUntilEnded(ids, { atMost: minutes(10) });
    expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(['archived', 'archived', 'archived']);
    await expectOneRunForAll(world, ids);
    expect((await custodyOf(world, ids[1] ?? '')).map((e) => e.type)).toContain('attempt.intended');
    expect(world.results.opened.filter(({ link }) => link.includes('/results/'))).toHaveLength(2 + 1);
  });

  it.each([
    ['is about to be submitted', 'submitting'],
    ['is pending', 'pending'],
    ['runs', 'running'],
  ])('join one whose action %s', async (_, state) => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna] });
    if (state === 'submitting')
      world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip: 0, fault: { kind: 'loseReply' } });
    await becomes(world, first, state);
    const second = await world.ask({ devices: [anna] });
    await becomes(world, second, state);
    await world.runUntilEnded([first, second], { atMost: minutes(10) });
    await expectOneRunForAll(world, [first, second]);
    expect(await taskOf(world, second)).toMatchObject({ state: 'archived', attempts: 1 });
  });

  it('tell in the record that the run was shared, and by how many, but not by whom', async () => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna] });
    await becomes(world, first, 'running');
    const second = await world.ask({ devices: [anna] });
    await world.runUntilEnded([first, second], { atMost: minutes(10) });
    const { machineActionId } = await taskOf(world, first);
    for (const [mine, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const custody = await custodyOf(world, mine);
      const told = (type: string) => custody.find((e) => e.type === type);
      expect(told('action.ended')?.data).toMatchObject({ shared: true, requests: 2 });
      expect(told('artifact.archived')).toMatchObject({ machineActionId, data: { shared: true } });
      const blob = (await collectionOf(world, mine)).manifest?.blobName ?? '';
      const manifest = Buffer.concat(await Array.fromAsync(await world.evidence.read(blob))).toString();
      expect(manifest).toContain('"shared": true');
      expect(`${JSON.stringify(custody)} ${manifest}`).not.toContain(other);
    }
    expect((await custodyOf(world, second)).map((e) => e.type)).toContain('attempt.joined');
  });

  it.each([
    ['another script', { commands: [{ ...RUN_SCRIPT, scriptName: 'other.ps1' }] }],
    ['other arguments', { commands: [{ ...RUN_SCRIPT, args: '-Deep' }] }],
    ['more commands', { commands: [RUN_SCRIPT, GET_FILE] }],
  ])('are not those that want %s: they have runs of their own', async (_, other) => {
    const world = createWorld({ devices: [anna] });
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna], ...other })];
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    expect(submits(world, anna).length).toBeGreaterThanOrEqual(2);
    expect(runsOn(world, anna)).toBe(2);
  });

  it('join at the last moment, while another instance ends the attempt, and miss nothing', async () => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna] });
    await becomes(world, first, 'running');
    const ended = () => actionsOn(world, anna)[0]?.timeline.endsAt ?? Number.NaN;
    world.lose('ticks', 2);
    const second = await world.ask({ devices: [anna] });
    await world.run(seconds(1));
    world.clock.moveTo(ended());
    const { work } = world.deps;
    let cameBetween = false;
    const commit: typeof work.commit = async (tenantId, change) => {
      const ends = change.attempts?.some(({ value }) => value.state === 'archiving');
      if (ends && !cameBetween) {
        cameBetween = true;
        await dispatchTasks(world.deps);
        expect(await stateOf(world, second)).toBe('pending');
      }
      return work.commit(tenantId, change);
    };
    for (let polls = 0; polls < 9 && !cameBetween; polls += 1) {
      world.clock.moveTo(world.clock.now() + seconds(5));
      await followActions({ ...world.deps, work: { ...work, commit } });
    }
    expect(cameBetween).toBe(true);
    expect([await stateOf(world, first), await stateOf(world, second)]).toEqual(['archiving', 'archiving']);
    await world.runUntilEnded([first, second], { atMost: minutes(10) });
    await expectOneRunForAll(world, [first, second]);
  });

  it('share a run of bulk with what is urgent, which does not wait for a second one', async () => {
    const world = createWorld({ devices: [anna] });
    const bulk = await world.ask({ devices: [anna], priority: 'bulk' });
    const urgent = await world.ask({ devices: [anna], priority: 'urgent' });
    await world.runUntilEnded([bulk, urgent], { atMost: minutes(10) });
    await expectOneRunForAll(world, [bulk, urgent]);
  });

  it('join a run also from behind hundreds who wait for other devices', async () => {
    const others = devices(300);
    const world = createWorld({ devices: [anna, ...others], settings: { sessions: 1, sessionsReserved: 0 } });
    const first = await world.ask({ devices: [anna] });
    const crowd = await world.ask({ devices: others });
    await becomes(world, first, 'pending');
    const second = await world.ask({ devices: [anna], priority: 'bulk' });
    await world.runUntilEnded([first, second], { atMost: minutes(10) });
    await expectOneRunForAll(world, [first, second]);
    expect((await collectionOf(world, crowd)).ended).toBe(false);
  });

  it('find the device asleep together, and each waits by its own story', async () => {
    const asleep = device({ awake: { asleepForMs: hours(1) } });
    const world = createWorld({ devices: [asleep, ...devices(1)], settings: { sessions: 1, sessionsReserved: 0 } });
    const first = await world.ask({ devices: [asleep] });
    await world.run(minutes(1));
    const others = await world.ask({ devices: devices(1) });
    await becomes(world, first, 'parked');
    const second = await world.ask({ devices: [asleep] });
    await world.runUntilEnded([first, second, others], { atMost: hours(6) });
    expect(runsOn(world, asleep)).toBe(1);
    expect([await stateOf(world, first), await stateOf(world, second)]).toEqual(['archived', 'archived']);
    expect(wrongs(world)).toEqual([]);
  });

  it('all fail when Defender refuses the one submit', async () => {
    const gone = device({ computerDnsName: 'gone.contoso.com' });
    const world = await oneSlotTaken([]);
    const ids = [await world.ask({ devices: [gone] }), await world.ask({ devices: [gone] })];
    await world.runUntilEnded(ids, { atMost: minutes(10) });
    const codes = await Promise.all(ids.map(async (id) => (await taskOf(world, id)).failure?.code));
    expect(codes).toEqual(['MachineNotFound', 'MachineNotFound']);
    expect(submits(world, gone)).toHaveLength(1);
  });
});

describe('cancelling one of two that share a run', () => {
  it.each(['pending', 'running'])('only detaches it while the action is %s', async (state) => {
    const world = createWorld({ devices: [anna] });
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })] as const;
    const [first, second] = ids;
    for (const id of ids) await becomes(world, id, state);
    await cancel(world, first);
    expect(await taskOf(world, first)).toMatchObject({ state: 'cancelled', failure: { code: 'Cancelled' } });
    await world.runUntilEnded(ids, { atMost: minutes(10) });
    expect(await stateOf(world, second)).toBe('archived');
    expect(world.calls.get('defender.cancel')).toBeUndefined();
    expect((await custodyOf(world, first)).map((e) => e.type)).toContain('attempt.left');
    expect((await custodyOf(world, second)).find((e) => e.type === 'action.ended')?.data).not.toHaveProperty('shared');
    expect(wrongs(world)).toEqual([]);
  });

  it('cancels the action when the other one is cancelled too, at the same moment or later', async () => {
    for (const together of [true, false]) {
      const asleep = device({ awake: 'never' });
      const world = createWorld({ devices: [asleep] });
      const ids = [await world.ask({ devices: [asleep] }), await world.ask({ devices: [asleep] })];
      for (const id of ids) await becomes(world, id, 'pending');
      if (together) await Promise.all(ids.map((id) => cancel(world, id)));
      else for (const id of ids) await cancel(world, id);
      await world.runUntilEnded(ids, { atMost: minutes(5) });
      expect(world.calls.get('defender.cancel')).toBe(1);
      expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(['cancelled', 'cancelled']);
    }
  });

  it('keeps the result of both once the action is over', async () => {
    const world = createWorld({ devices: [anna] });
    // the early one, and the one at the end of the action
    world.lose('results', 2);
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })] as const;
    for (const id of ids) await becomes(world, id, 'archiving');
    await cancel(world, ids[0]);
    await world.runUntilEnded(ids, { atMost: minutes(10) });
    await expectOneRunForAll(world, ids);
  });

  it('bars others from an action that is cancelled for good', async () => {
    const asleep = device({ awake: { asleepForMs: minutes(10) } });
    const world = createWorld({ devices: [asleep], switches: { cancelDelayMs: seconds(60) } });
    const first = await world.ask({ devices: [asleep] });
    await becomes(world, first, 'pending');
    await cancel(world, first);
    const second = await world.ask({ devices: [asleep] });
    await world.runUntilEnded([first, second], { atMost: hours(2) });
    expect([await stateOf(world, first), await stateOf(world, second)]).toEqual(['cancelled', 'archived']);
    expect(runsOn(world, asleep)).toBe(1);
  });

  it('works as well by expiry', async () => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna], expiresAt: toIso(START + seconds(100)) });
    const second = await world.ask({ devices: [anna] });
    await world.runUntilEnded(first, { atMost: seconds(110) });
    expect(await stateOf(world, first)).toBe('expired');
    await world.runUntilEnded(second, { atMost: minutes(10) });
    expect(await stateOf(world, second)).toBe('archived');
    expect(submits(world, anna)).toHaveLength(1);
  });
});

describe('a crash while two share a run', () => {
  const points = [...CHECKPOINTS, ...SHARING_CHECKPOINTS].filter(
    (point) => !/^(accept|expand|cancel|leave|join|reuse)\./.test(point),
  );

  it.each(points)('at %s, again and again, loses nothing and runs nothing twice', async (point) => {
    const world = createWorld({ devices: [anna] });
    const asked = {
      devices: [anna],
      commands: [RUN_SCRIPT, GET_FILE],
      callbackUrl: 'https://prod-1.logic.azure.com/h',
    };
    const ids = [await world.ask(asked), await world.ask(asked), await world.ask(asked)];
    world.crashAt(point, 4);
    await world.runUntilEnded(ids, { atMost: hours(3) });
    expect(world.failures.some((f) => f.includes(point))).toBe(true);
    expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(ids.map(() => 'archived'));
    expect(runsOn(world, anna)).toBe(1);
    for (const id of ids) expect((await storedOf(world, id)).names).toHaveLength(2);
    expect(wrongs(world)).toEqual([]);
  });

  it.each(['join.afterAttempt', 'join.afterTask'] as const)('at %s leaves nobody beside the run', async (point) => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna] });
    await becomes(world, first, 'pending');
    const second = await world.ask({ devices: [anna] });
    world.crashAt(point);
    await world.runUntilEnded([first, second], { atMost: hours(1) });
    expect(world.failures.some((f) => f.includes(point))).toBe(true);
    await expectOneRunForAll(world, [first, second]);
    expect((await custodyOf(world, second)).filter((e) => e.type === 'attempt.joined')).toHaveLength(1);
  });

  it('between joining and the end of the action takes the newcomer along', async () => {
    const world = createWorld({ devices: [anna] });
    const first = await world.ask({ devices: [anna] });
    await becomes(world, first, 'running');
    world.lose('ticks', 1000);
    const second = await world.ask({ devices: [anna] });
    await world.run(seconds(1));
    world.crashAt('join.afterAttempt');
    // Away so long that the next look sees the end.
    await world.runUntilEnded([first, second], { atMost: hours(1) });
    await expectOneRunForAll(world, [first, second]);
  });

  it.each(['cancel.afterHeader', 'leave.afterAttempt'] as const)('of a cancel at %s still ends it', async (point) => {
    const world = createWorld({ devices: [anna] });
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })] as const;
    for (const id of ids) await becomes(world, id, 'pending');
    world.crashAt(point);
    await cancel(world, ids[0]).catch(() => undefined);
    await world.runUntilEnded(ids, { atMost: hours(1) });
    expect([await stateOf(world, ids[0]), await stateOf(world, ids[1])]).toEqual(['cancelled', 'archived']);
    expect(wrongs(world)).toEqual([]);
  });

  it('of the poll that saw the end keeps the result of one that is cancelled before the next', async () => {
    const world = createWorld({ devices: [anna], switches: { linkAt: 'actionEnd' } });
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })] as const;
    for (const id of ids) await becomes(world, id, 'running');
    // the next news is the end of the action
    await world.runUntil(async () => (await attemptsOf(world))[0]?.linksAtEnd === true, { atMost: minutes(20) });
    world.crashAt('follow.afterTask');
    await becomes(world, ids[0], 'archiving');
    await cancel(world, ids[0]);
    await world.runUntilEnded(ids, { atMost: hours(1) });
    await expectOneRunForAll(world, ids);
  });

  it('of a cancel, after which the action ends before anyone looks again, still ends it', async () => {
    const world = createWorld({ devices: [anna] });
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })] as const;
    for (const id of ids) await becomes(world, id, 'running');
    world.crashAt('leave.afterAttempt', 3);
    await cancel(world, ids[0]).catch(() => undefined);
    await world.runUntilEnded(ids, { atMost: hours(1) });
    expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(['cancelled', 'archived']);
    const { attempts, jobs } = await world.state.work.load(TENANT);
    expect([...attempts.filter((a) => a.value.state !== 'closed'), ...jobs]).toEqual([]);
  });
});

describe('a shared result', () => {
  async function owedByTwo(): Promise<{ world: World; ids: string[]; message: { attemptId: string; index: number } }> {
    const world = createWorld({ devices: [anna] });
    world.lose('results', 1);
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })];
    await world.runUntil(async () => (await world.state.work.load(TENANT)).jobs.length > 0, { atMost: minutes(10) });
    const [job] = (await world.state.work.load(TENANT)).jobs;
    return { world, ids, message: { attemptId: job?.value.attemptId ?? '', index: 0 } };
  }

  it('that is damaged in the store of one is fetched anew for the other', async () => {
    const { world, ids, message } = await owedByTwo();
    const owned = (await world.state.work.job(TENANT, message.attemptId, 0))?.value.blobName ?? '';
    const deps: Deps = {
      ...world.deps,
      checkpoint: (point) => {
        if (point === 'archive.afterArtifact') world.evidence.replaceBytes(owned, new Uint8Array(3));
      },
    };
    await archiveResult(deps, message);
    await world.runUntilEnded(ids, { atMost: hours(1) });
    expect(await Promise.all(ids.map((id) => stateOf(world, id)))).toEqual(['archived', 'archived']);
    expect(world.calls.get('defender.resultLink')).toBe(2);
  });

  it('that cannot be had is told to all as lost', async () => {
    const world = createWorld({ devices: [anna] });
    world.results.change(() => ({ fault: { kind: 'notFound' } }));
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })];
    await world.runUntilEnded(ids, { atMost: hours(12) });
    const tasks = await Promise.all(ids.map((id) => taskOf(world, id)));
    const lost = failureOf('ResultNotAvailable').code;
    expect(tasks.map((t) => [t.state, t.failure?.code])).toEqual([
      ['failed', lost],
      ['failed', lost],
    ]);
    // one of them too early
    expect(world.calls.get('defender.resultLink')).toBe(10 + 1);
  });
});

describe('a collection that cannot be read any more', () => {
  it('keeps its neighbours from the results of their run for an hour at most', async () => {
    const world = createWorld({ devices: [anna] });
    const ids = [await world.ask({ devices: [anna] }), await world.ask({ devices: [anna] })] as const;
    for (const id of ids) await becomes(world, id, 'running');
    const { collections } = world.deps;
    const broken: Deps = {
      ...world.deps,
      collections: {
        ...collections,
        header: (id) => (id === ids[1] ? Promise.reject(new Error('the row cannot be read')) : collections.header(id)),
      },
    };
    const later = async (ms: number) => {
      for (const end = world.clock.now() + ms; world.clock.now() < end; ) {
        world.clock.moveTo(world.clock.now() + minutes(1));
        await pollHeartbeat(broken);
        for (const { text } of world.state.queues.receive('results')) await archiveResult(broken, JSON.parse(text));
      }
    };
    await later(minutes(30));
    expect([await stateOf(world, ids[0]), await stateOf(world, ids[1])]).toEqual(['archiving', 'running']);
    await later(minutes(45));
    expect(await stateOf(world, ids[0])).toBe('archived');
    expect((await attemptsOf(world)).filter((a) => a.state === 'open')).toEqual([]);
    await cancel(world, ids[1]);
    expect(await stateOf(world, ids[1])).toBe('cancelled');
  });
});

describe('a storm of 300 requests in a minute that name 20 devices', () => {
  it('costs each device one action, and archives 300 tasks', async () => {
    const fleet = devices(20);
    const world = createWorld({ devices: fleet });
    const ids: string[] = [];
    for (let n = 0; n < 300; n += 1) {
      const named = fleet[n % fleet.length] ?? anna;
      world.after(n * 200, async () => ids.push(await world.ask({ devices: [named], caseId: `INC-${n}` })));
    }
    await world.run(minutes(1));
    await world.runUntilEnded(ids, { atMost: hours(1) });
    expect(ids).toHaveLength(300);
    const states = await Promise.all(ids.map(async (id) => (await tasksOf(world, id)).map((t) => t.state)));
    expect(new Set(states.flat())).toEqual(new Set(['archived']));
    expect(fleet.map((d) => submits(world, d).length)).toEqual(fleet.map(() => 1));
    expect(world.evidence.names().filter((name) => !name.endsWith('/manifest.json'))).toHaveLength(300);
    expect(wrongs(world)).toEqual([]);
    expect(await attemptsOf(world)).toSatisfy((all: { state: string }[]) => all.every((a) => a.state === 'closed'));
  });
});
