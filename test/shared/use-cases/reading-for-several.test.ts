import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { CHECKPOINTS } from '../../../shared/use-cases/checkpoints.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, custodyOf, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const stateOf = async (world: World, id = '') => (await tasksOf(world, id))[0]?.state;
const file = (name: string) => ({ type: 'GetFile', path: `C:\\${name}` });
const MISSING = { type: 'GetFile' as const, name: 'C:\\missing', fails: { errors: ['The file was not found'] } };
/** Its files differ by their sizes. */
const anna = device({
  commands: [MISSING, ...['a', 'b', 'c'].map((name, n) => ({ name: `C:\\${name}`, bytes: 1_000 * (n + 1) }))],
});
const SIZES: Record<string, number> = { a: 1_000, b: 2_000, c: 3_000 };

/** The only slot is taken by another device for a while, so that what is asked for now waits together. */
async function waitingTogether(asked: string[][], of: DeviceInput = anna): Promise<{ world: World; ids: string[] }> {
  const world = createWorld({ devices: [of, ...devices(1)], settings: { sessions: 1, sessionsReserved: 0 } });
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

  it('are joined by who asks for the same as one of them while their action runs', async () => {
    const { world, ids } = await waitingTogether([['a'], ['b', 'c']]);
    await world.runUntil(async () => (await stateOf(world, ids[1])) === 'running', { atMost: minutes(10) });
    const late = await world.ask({ devices: [anna], commands: [file('b'), file('c')] });
    await world.runUntilEnded([...ids, late], { atMost: minutes(10) });
    await expectWhole(world, late, ['b', 'c']);
    expect(submits(world, anna)).toHaveLength(1);
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
      await world.run(seconds(20));
      world.crashAt(point, 2);
      await world.runUntilEnded(ids, { atMost: minutes(60) });
      await expectWhole(world, ids[0] ?? '', ['a']);
      expect((await taskOf(world, ids[1] ?? '')).state).toBe('failed');
      await expectWhole(world, ids[2] ?? '', ['b', 'c']);
      expect(wrongs(world)).toEqual([]);
    },
  );
});
