import { describe, expect, it } from 'vitest';
import type { ActionSnapshot, ActionStatus } from '../../../shared/domain/action.ts';
import type { TaskRef } from '../../../shared/domain/attempt.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { watchBlocker, watchBlockers } from '../../../shared/use-cases/blockers.ts';
import { findBlocker } from '../../../shared/use-cases/find-blocker.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';
import { anAction, anAttempt } from '../domain/samples.ts';

const anna = device();
const task = (n: number): TaskRef => ({ collectionId: 'c1', taskId: `t${n}` });
const seenAs = (id: string, status: ActionStatus) => new Map([[id, anAction({ machineActionId: id, status })]]);

const watched = async (world: World): Promise<string[]> => (await watchBlockers(world.deps)).actionIds;

describe('an action of others that blocks a device', () => {
  it('is watched once, however many tasks wait for its end', async () => {
    const world = createWorld();
    expect(await watched(world)).toEqual([]);
    await watchBlocker(world.deps, 'a1', task(1));
    await watchBlocker(world.deps, 'a1', task(2));
    await watchBlocker(world.deps, 'a1', task(2));
    await watchBlocker(world.deps, 'a2', task(3));
    expect(await watched(world)).toEqual(['a1', 'a2']);
    const row = await world.state.registers.read('contoso', 'blockers');
    expect(row?.value).toEqual({ a1: [task(1), task(2)], a2: [task(3)] });
  });

  it.each(['succeeded', 'failed', 'timeOut', 'cancelled'] as const)('is let go when it was seen %s', async (status) => {
    const world = createWorld();
    await watchBlocker(world.deps, 'a1', task(1));
    await watchBlocker(world.deps, 'a2', task(2));
    await (await watchBlockers(world.deps)).release(seenAs('a1', status));
    expect(await watched(world)).toEqual(['a2']);
  });

  it.each(['pending', 'inProgress', 'unknown'] as const)('is watched on while it is %s', async (status) => {
    const world = createWorld();
    await watchBlocker(world.deps, 'a1', task(1));
    await (await watchBlockers(world.deps)).release(seenAs('a1', status));
    expect(await watched(world)).toEqual(['a1']);
  });

  it('costs no write while it goes on', async () => {
    const world = createWorld();
    await watchBlocker(world.deps, 'a1', task(1));
    const watch = await watchBlockers(world.deps);
    const writes = world.calls.get('registers.write');
    await watch.release(new Map([...seenAs('a1', 'pending'), ...seenAs('a2', 'succeeded')]));
    expect(world.calls.get('registers.write')).toBe(writes);
    expect(await watched(world)).toEqual(['a1']);
  });

  it('is one of a hundred at most; tasks of those watched are still taken in', async () => {
    const world = createWorld();
    for (let i = 0; i < 101; i += 1) await watchBlocker(world.deps, `a${i}`, task(i));
    expect(await watched(world)).toHaveLength(100);
    await watchBlocker(world.deps, 'a7', task(500));
    const row = await world.state.registers.read<Record<string, TaskRef[]>>('contoso', 'blockers');
    expect(row?.value.a7).toHaveLength(2);
  });

  it('whose end was seen gives the parked task its turn at once', async () => {
    const busy = { ...anna, commands: [{ name: 'theirs.ps1', runMs: minutes(5) }] };
    const world = createWorld({ devices: [busy] });
    const command = { type: 'RunScript', params: [{ key: 'ScriptName', value: 'theirs.ps1' }] };
    world.tenant.submit(idOf(anna), { Commands: [command], Comment: 'theirs' }, world.clock.now());
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(10));
    expect((await taskOf(world, collectionId)).state).toBe('parked');
    const [blocker = ''] = await watched(world);
    await (await watchBlockers(world.deps)).release(seenAs(blocker, 'succeeded'));
    const woken = await taskOf(world, collectionId);
    expect(woken.waiting?.retryAt ?? 0).toBeLessThanOrEqual(world.clock.now());
    expect(await watched(world)).toEqual([]);
  });

  it('whose end one task cannot be told of gives the others their turn; that one keeps its own time', async () => {
    const fleet = devices(2, { commands: [{ name: 'theirs.ps1', runMs: minutes(5) }] });
    const world = createWorld({ devices: fleet });
    const ids: string[] = [];
    for (const one of fleet) {
      const command = { type: 'RunScript', params: [{ key: 'ScriptName', value: 'theirs.ps1' }] };
      world.tenant.submit(idOf(one), { Commands: [command], Comment: 'theirs' }, world.clock.now());
      ids.push(await world.ask({ devices: [one] }));
    }
    await world.run(seconds(10));
    const [unreadable = '', other = ''] = ids;
    const header: typeof world.deps.collections.header = async (id) => {
      if (id === unreadable) throw new Error('a row that cannot be read');
      return world.deps.collections.header(id);
    };
    const watch = await watchBlockers({ ...world.deps, collections: { ...world.deps.collections, header } });
    await watch.release(new Map(watch.actionIds.flatMap((id) => [...seenAs(id, 'succeeded')])));
    expect((await taskOf(world, other)).waiting).toMatchObject({ retryAt: 0, woken: true });
    expect((await taskOf(world, unreadable)).waiting?.retryAt).toBeGreaterThan(world.clock.now());
    expect(await watched(world)).toEqual([]);
    const failed = world.log.entries.filter(({ level }) => level === 'error');
    const { taskId } = await taskOf(world, unreadable);
    // every line of the log has an event and ids
    expect(failed).toMatchObject([
      { event: expect.stringMatching(/^\w+\.\w+$/), fields: { collectionId: unreadable, taskId } },
    ]);
  });
});

describe('what keeps a device busy', () => {
  async function found(...actions: ActionSnapshot[]) {
    const { deps } = createWorld();
    const asked: unknown[] = [];
    const listActions: typeof deps.defender.listActions = async (query) => {
      asked.push(query);
      return { ok: true, value: { value: actions } };
    };
    const blocker = await findBlocker({ ...deps, defender: { ...deps.defender, listActions } }, anAttempt());
    expect(asked).toEqual([{ machineId: anAttempt().machineId }]);
    return blocker;
  }
  const others = (fields: Partial<ActionSnapshot>) =>
    anAction({ machineActionId: 'theirs', requestorComment: 'theirs', ...fields });

  it('is our own action after all, whatever else is there', async () => {
    const ours = anAction({ status: 'pending' });
    expect(await found(others({}), ours)).toEqual({ kind: 'ours', action: ours });
  });

  it.each(['pending', 'inProgress', 'unknown'] as const)('is a live response of others that is %s', async (status) => {
    const before = others({ machineActionId: 'before', status: 'succeeded' });
    expect(await found(before, others({ status }))).toEqual({ kind: 'other', machineActionId: 'theirs' });
  });

  it('is not seen where nothing listed is open, or is another kind of action', async () => {
    expect(await found()).toEqual({ kind: 'unseen' });
    expect(await found(others({ status: 'failed' }), others({ type: 'Isolate' }))).toEqual({ kind: 'unseen' });
  });

  it('is not seen while Defender does not answer', async () => {
    const { deps } = createWorld();
    const down = { ok: false, fault: { kind: 'unavailable', message: '', reached: false } } as const;
    const defender = { ...deps.defender, listActions: async () => down };
    expect(await findBlocker({ ...deps, defender }, anAttempt())).toEqual({ kind: 'unseen' });
  });
});
