import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { CHECKPOINTS } from '../../../shared/use-cases/checkpoints.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, custodyOf, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import type { WorldSettings } from '../../world/settings.ts';
import { createWorld, type World } from '../../world/world.ts';

const stateOf = async (world: World, id = '') => (await tasksOf(world, id))[0]?.state;
const actionsOf = (world: World) => world.tenant.state.ledger.all;
const file = (name: string) => ({ type: 'GetFile', path: `C:\\${name}` });
const MISSING = { type: 'GetFile' as const, name: 'C:\\missing', fails: { errors: ['The file was not found'] } };
/** Its files differ by their sizes. */
const anna = device({
  commands: [MISSING, ...['a', 'b', 'c'].map((name, n) => ({ name: `C:\\${name}`, bytes: 1_000 * (n + 1) }))],
});
const SIZES: Record<string, number> = { a: 1_000, b: 2_000, c: 3_000 };

/** The only slot is taken by another device for a while, so that what is asked for now waits together. */
async function waitingTogether(
  asked: string[][],
  of: DeviceInput = anna,
  settings: WorldSettings = {},
): Promise<{ world: World; ids: string[] }> {
  const world = createWorld({
    devices: [of, ...devices(1)],
    settings: { sessions: 1, sessionsReserved: 0, ...settings },
  });
  const other = await world.ask({ devices: devices(1) });
  await world.runUntil(async () => (await tasksOf(world, other))[0]?.state === 'pending', { atMost: minutes(5) });
  const ids: string[] = [];
  for (const files of asked) ids.push(await world.ask({ devices: [of], commands: files.map(file) }));
  return { world, ids };
}

async function expectWhole(world: World, id: string, files: string[]): Promise<void> {
  const task = await taskOf(world, id);
  expect(task.state).toBe('archived');
  expect(task.commands.map(({ artifact }) => artifact?.contentBytes)).toEqual(files.map((name) => SIZES[name]));
  for (const [index, { artifact }] of task.commands.entries())
    expect(artifact?.blobName).toContain(`/${String(index).padStart(2, '0')}-`);
}

describe('requests that read other files of one device', () => {
  it('go out as one action, and each gets its own files under its own numbers', async () => {
    const asked = [['a'], ['b', 'c'], ['c', 'a']];
    const { world, ids } = await waitingTogether(asked);
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    expect(actionsOn(world, anna).map(({ commands }) => commands.length)).toEqual([5]);
    for (const [n, files] of asked.entries()) await expectWhole(world, ids[n] ?? '', files);
    expect(wrongs(world)).toEqual([]);
  });

  it('lose nothing to a file that is missing: who was not reached is served by the next action', async () => {
    const { world, ids } = await waitingTogether([['missing'], ['a', 'b'], ['c']]);
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    expect(await taskOf(world, ids[0] ?? '')).toMatchObject({ state: 'failed', failure: { code: 'FileNotFound' } });
    await expectWhole(world, ids[1] ?? '', ['a', 'b']);
    await expectWhole(world, ids[2] ?? '', ['c']);
    expect(submits(world, anna)).toHaveLength(2);
    expect((await custodyOf(world, ids[2] ?? '')).find((e) => e.type === 'attempt.closed')?.data).toMatchObject({
      cause: 'notReached',
    });
    expect(wrongs(world)).toEqual([]);
  });

  it('keep what was read before the file that is missing', async () => {
    const { world, ids } = await waitingTogether([['a'], ['missing', 'b'], ['c']]);
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    await expectWhole(world, ids[0] ?? '', ['a']);
    expect(await taskOf(world, ids[1] ?? '')).toMatchObject({
      state: 'failed',
      commands: [{ state: 'failed' }, { state: 'notRun' }],
    });
    await expectWhole(world, ids[2] ?? '', ['c']);
    expect(submits(world, anna)).toHaveLength(2);
  });

  it('are joined by who asks for the same as one of them until the device has begun, and not later', async () => {
    const { world, ids } = await waitingTogether([['a'], ['b', 'c']]);
    await world.runUntil(async () => (await stateOf(world, ids[1])) === 'pending', { atMost: minutes(10) });
    const early = await world.ask({ devices: [anna], commands: [file('b'), file('c')] });
    await world.runUntil(async () => (await stateOf(world, ids[1])) === 'running', { atMost: minutes(10) });
    const late = await world.ask({ devices: [anna], commands: [file('a')] });
    await world.runUntilEnded([...ids, early, late], { atMost: minutes(20) });
    await expectWhole(world, early, ['b', 'c']);
    await expectWhole(world, late, ['a']);
    expect(actionsOn(world, anna).map(({ commands }) => commands.length)).toEqual([3, 1]);
    expect(wrongs(world)).toEqual([]);
  });

  it('end each as soon as its own files are read, whatever others still read', async () => {
    const slow = device({
      commands: [
        { name: 'C:\\b', bytes: 2_000, runMs: minutes(25) },
        { bytes: 1_000, runMs: seconds(5) },
      ],
    });
    const { world, ids } = await waitingTogether([['a'], ['b']], slow);
    await world.runUntilEnded(ids[0] ?? '', { atMost: minutes(10) });
    expect(await stateOf(world, ids[1])).toBe('running');
    const told = (await custodyOf(world, ids[0] ?? '')).find(({ type }) => type === 'action.ended');
    expect(told?.data).toMatchObject({ actionGoesOn: true });
    // Who is left may leave: what was read for the first is kept.
    await world.call((deps) => cancelCollection(deps, ids[1] ?? '', { by: { kind: 'http' } }).then((c) => [c]));
    await world.runUntilEnded(ids, { atMost: minutes(40) });
    await expectWhole(world, ids[0] ?? '', ['a']);
    expect(wrongs(world)).toEqual([]);
  });

  it('keep what is read for one of them when the others leave, also where Defender gives links at the end alone', async () => {
    const slow = device({
      commands: [
        { name: 'C:\\b', bytes: 2_000, runMs: minutes(25) },
        { bytes: 1_000, runMs: seconds(5) },
      ],
    });
    const { world, ids } = await waitingTogether([['a'], ['b']], slow);
    world.tenant.setSwitches({ linkAt: 'actionEnd' });
    await world.runUntil(async () => (await stateOf(world, ids[0])) === 'archiving', { atMost: minutes(10) });
    await world.call((deps) => cancelCollection(deps, ids[1] ?? '', { by: { kind: 'http' } }).then((c) => [c]));
    await world.runUntilEnded(ids, { atMost: minutes(60) });
    await expectWhole(world, ids[0] ?? '', ['a']);
    expect((await taskOf(world, ids[1] ?? '')).state).toBe('cancelled');
    expect(wrongs(world)).toEqual([]);
  });

  it('go alone when Defender refuses their action, so that only the one whose file it dislikes fails', async () => {
    const { world, ids } = await waitingTogether([['a'], ['b'], ['c']]);
    const fault = { kind: 'error' as const, status: 400, message: 'no' };
    // Their action, and of those that follow the second.
    for (const skip of [0, 1]) world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip, fault });
    await world.runUntilEnded(ids, { atMost: minutes(30) });
    await expectWhole(world, ids[0] ?? '', ['a']);
    expect((await taskOf(world, ids[1] ?? '')).state).toBe('failed');
    await expectWhole(world, ids[2] ?? '', ['c']);
    expect(actionsOn(world, anna).map(({ commands }) => commands.length)).toEqual([1, 1]);
    expect(wrongs(world)).toEqual([]);
  });

  it('stay with the others when one of them is cancelled, and the action is cancelled with the last', async () => {
    const { world, ids } = await waitingTogether([['a'], ['b']]);
    const stop = (id: string, of = world) =>
      of.call((deps) => cancelCollection(deps, id, { by: { kind: 'http' } }).then((c) => [c]));
    await world.runUntil(async () => (await stateOf(world, ids[1])) === 'pending', { atMost: minutes(10) });
    await stop(ids[0] ?? '');
    await world.runUntilEnded(ids, { atMost: minutes(10) });
    expect((await taskOf(world, ids[0] ?? '')).state).toBe('cancelled');
    await expectWhole(world, ids[1] ?? '', ['b']);

    const again = await waitingTogether([['a'], ['b']], device({ awake: 'never' }));
    await again.world.run(minutes(4));
    for (const id of again.ids) await stop(id, again.world);
    await again.world.runUntilEnded(again.ids, { atMost: minutes(10) });
    for (const id of again.ids) expect((await taskOf(again.world, id)).state).toBe('cancelled');
    expect(wrongs(again.world)).toEqual([]);
  });

  it('are told apart when one of them is used again: Defender is asked for the right file of the action', async () => {
    const { world, ids } = await waitingTogether([['a'], ['b']], anna, { reuseMs: minutes(30) });
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    const { commands } = await taskOf(world, ids[1] ?? '');
    const { blobName = '', bytes = 0 } = commands[0]?.artifact ?? {};
    world.evidence.replaceBytes(blobName, new Uint8Array(bytes));
    const again = await world.ask({ devices: [anna], commands: [file('b')] });
    await world.runUntilEnded(again, { atMost: minutes(60) });
    await expectWhole(world, again, ['b']);
    expect((await taskOf(world, again)).commands[0]?.artifact?.sha256).toBe(commands[0]?.artifact?.sha256);
    expect(submits(world, anna)).toHaveLength(1);
  });

  it('leave out whose files were archived so recently that they may be used again', async () => {
    const world = createWorld({
      devices: [anna, ...devices(1)],
      settings: { sessions: 1, sessionsReserved: 0, reuseMs: minutes(30) },
    });
    await world.runUntilEnded(await world.ask({ devices: [anna], commands: [file('b')] }), { atMost: minutes(10) });
    const other = await world.ask({ devices: devices(1) });
    await world.runUntil(async () => (await stateOf(world, other)) === 'pending', { atMost: minutes(5) });
    const ids = [
      await world.ask({ devices: [anna], commands: [file('a')] }),
      await world.ask({ devices: [anna], commands: [file('b')] }),
    ];
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    await expectWhole(world, ids[1] ?? '', ['b']);
    expect((await taskOf(world, ids[1] ?? '')).reusedFrom).toBeDefined();
    expect(actionsOn(world, anna).map(({ commands }) => commands.length)).toEqual([1, 1]);
  });

  it('do not wait for scripts, nor scripts for them: those have actions of their own', async () => {
    const { world, ids } = await waitingTogether([['a']]);
    ids.push(await world.ask({ devices: [anna], commands: [RUN_SCRIPT] }));
    ids.push(await world.ask({ devices: [anna], commands: [file('b')] }));
    await world.runUntilEnded(ids, { atMost: minutes(20) });
    expect(actionsOn(world, anna).map(({ commands }) => commands.map((c) => c.type).join())).toEqual([
      'GetFile,GetFile',
      'RunScript',
    ]);
  });

  it.each(CHECKPOINTS.filter((point) => /^(dispatch|follow|archive)\./.test(point)))(
    'survive a crash at %s, each with its own files',
    async (point) => {
      const { world, ids } = await waitingTogether([['a'], ['missing'], ['b', 'c']]);
      const other = actionsOf(world)[0]?.timeline.endsAt ?? Number.NaN;
      const isFirst = /^dispatch|beforeTask$/.test(point);
      await world.runUntil(
        async () => (isFirst ? world.clock.now() >= other - seconds(2) : (await stateOf(world, ids[0])) === 'pending'),
        { atMost: minutes(10) },
      );
      world.crashAt(point, 2);
      await world.runUntilEnded(ids, { atMost: minutes(60) });
      expect(world.failures.filter((failure) => failure.includes(point)).length).toBeGreaterThan(0);
      await expectWhole(world, ids[0] ?? '', ['a']);
      expect((await taskOf(world, ids[1] ?? '')).state).toBe('failed');
      await expectWhole(world, ids[2] ?? '', ['b', 'c']);
      expect(wrongs(world)).toEqual([]);
    },
  );
});
