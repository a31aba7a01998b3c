import { describe, expect, it } from 'vitest';
import { type Collection, emptyCounts } from '../../../shared/domain/collection.ts';
import { type Account, type LaneAccounts, requesterOf } from '../../../shared/domain/fair-turns.ts';
import { taskAgendaKey } from '../../../shared/domain/index-keys.ts';
import type { Priority, Target } from '../../../shared/domain/request/collection-request.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { countDevices, giveTurnsBack, turnsFor } from '../../../shared/use-cases/fair-shares.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { aCollection, aTask, machineId } from '../domain/samples.ts';

const EVERY = seconds(6);

/** Accepted a moment ago, not a task of it written. */
const asked = (fields: Partial<Collection> = {}): Collection =>
  aCollection([], {
    tenantId: 'contoso',
    requestedBy: { kind: 'entra', id: 'anna' },
    createdAt: START,
    targets: 10,
    expandedTargets: 0,
    expanded: false,
    ...fields,
  });
const given = { turnsFrom: START, turnEveryMs: EVERY };

type Register = Partial<Record<Priority, LaneAccounts>>;
const register = async (world: World) => (await world.state.registers.read<Register>('contoso', 'turns'))?.value;
/** Where the next turns of the only requester of a lane begin, in turns from the start. */
async function nextOf(world: World, lane: Priority = 'normal'): Promise<number> {
  const [account, ...others]: Account[] = Object.values((await register(world))?.[lane]?.accounts ?? {});
  if (!account || others.length > 0) throw new Error('the lane has not one account');
  return (account.next - START) / EVERY;
}
const writes = (world: World): number => world.calls.get('registers.write') ?? 0;

describe('turns', () => {
  it('begin at the lane’s own time, one submit apart', async () => {
    const world = createWorld();
    expect(await turnsFor(world.deps, asked())).toEqual(given);
    expect(await nextOf(world)).toBe(10);
  });

  it('are not given twice, nor to a collection of which tasks are written', async () => {
    const world = createWorld();
    expect(await turnsFor(world.deps, asked(given))).toBeUndefined();
    expect(await turnsFor(world.deps, asked({ expandedTargets: 1 }))).toBeUndefined();
    expect(world.calls.size).toBe(0);
  });

  it('of a lane begin where that lane stands, whatever stands in others, or cannot be read', async () => {
    const world = createWorld();
    const standing = (priority: Priority, turnsFrom: number) => {
      const collection = asked({ priority, turnsFrom, createdAt: START - hours(3) });
      const task = aTask({ taskId: '0000-aaaaaaaaaaaa', waiting: { since: START - hours(3) } });
      return { key: taskAgendaKey(collection, task) ?? '', value: { machineId: machineId(1), asleep: 0 } };
    };
    await world.state.index.write('contoso|tasks', {
      put: [
        standing('urgent', START - hours(2)),
        { key: '0000000000000|r|2|0' },
        standing('normal', START - hours(1)),
        standing('bulk', START - hours(2)),
      ],
    });
    expect(await turnsFor(world.deps, asked())).toMatchObject({ turnsFrom: START - hours(1) });
    expect(await turnsFor(world.deps, asked({ priority: 'bulk' }))).toMatchObject({ turnsFrom: START - hours(2) });
  });

  it('are counted for each lane alone', async () => {
    const world = createWorld();
    for (const priority of ['urgent', 'normal', 'bulk'] as const)
      expect(await turnsFor(world.deps, asked({ collectionId: priority, priority }))).toEqual(given);
    expect(Object.keys((await register(world)) ?? {}).sort()).toEqual(['bulk', 'normal', 'urgent']);
    expect(await turnsFor(world.deps, asked({ collectionId: 'c2' }))).toEqual({
      turnsFrom: START + 10 * EVERY,
      turnEveryMs: EVERY,
    });
  });

  it('are remembered without the name of who asks', async () => {
    const world = createWorld();
    await turnsFor(world.deps, asked({ requestedBy: { kind: 'entra', id: 'anna@contoso.com' } }));
    const known = await register(world);
    expect(JSON.stringify(known)).not.toContain('anna');
    expect(Object.keys(known?.normal?.accounts ?? {})).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect(requesterOf({ kind: 'entra', id: 'anna@contoso.com' })).toContain('anna');
  });

  it('are given after those that another instance has just counted for the same requester', async () => {
    const world = createWorld();
    const { registers } = world.deps;
    let raced = false;
    const write: Deps['registers']['write'] = async (...args) => {
      if (!raced) {
        raced = true;
        await turnsFor(world.deps, asked({ collectionId: 'other' }));
      }
      return registers.write(...args);
    };
    const turns = await turnsFor({ ...world.deps, registers: { ...registers, write } }, asked());
    expect(turns?.turnsFrom).toBe(START + 10 * EVERY);
    expect(await nextOf(world)).toBe(20);
  });

  it('are tried for five times while others write the register', async () => {
    const world = createWorld();
    let tries = 0;
    const write = async () => {
      tries += 1;
      return 'conflict' as const;
    };
    const deps = { ...world.deps, registers: { ...world.deps.registers, write } };
    expect(await turnsFor(deps, asked())).toEqual(given);
    expect(tries).toBe(5);
  });
});

describe('turns that were not counted before', () => {
  const request = (targets: Target[]) => ({
    targets,
    commands: [],
    priority: 'normal' as const,
    expiresAt: '',
    given: [],
  });
  const expanded = (total: number, fields: Partial<Collection> = {}) =>
    asked({ ...given, expanded: true, expandedTargets: 10, counts: { ...emptyCounts(), total }, ...fields });
  const named = Array.from({ length: 10 }, (_, n) => ({ machineId: machineId(n) }));

  /** Of a collection with ten targets which became so many tasks. */
  async function counted(total: number, targets: Target[], fields: Partial<Collection> = {}) {
    const world = createWorld();
    await turnsFor(world.deps, asked());
    const before = writes(world);
    await countDevices(world.deps, expanded(total, fields), request(targets));
    return { next: await nextOf(world), writes: writes(world) - before };
  }

  it('are those of a tag’s devices, beside the one that the tag was given', async () => {
    expect(await counted(10, named)).toEqual({ next: 10, writes: 0 });
    const tagged = [...named.slice(1), { machineTag: 'finance' }];
    expect(await counted(14, tagged)).toEqual({ next: 15, writes: 1 });
    expect(await counted(9, tagged)).toEqual({ next: 10, writes: 0 });
  });

  it('are fewer where targets were one device', async () => {
    expect(await counted(7, named)).toEqual({ next: 7, writes: 1 });
  });

  it('are left alone in a collection of an earlier version', async () => {
    const world = createWorld();
    const { turnsFrom: _, turnEveryMs: __, ...old } = expanded(14);
    await countDevices(world.deps, old, request(named));
    await countDevices(world.deps, { ...old, turnsFrom: START }, request(named));
    expect(await register(world)).toBeUndefined();
  });

  it('cost fairness alone while the register cannot be read', async () => {
    const world = createWorld();
    const read = () => Promise.reject(new Error('damaged'));
    const deps = { ...world.deps, registers: { ...world.deps.registers, read } };
    await countDevices(deps, expanded(14), request(named));
    await giveTurnsBack(deps, expanded(14, { counts: { ...emptyCounts(), queued: 4 } }));
    expect(await turnsFor(deps, asked())).toBeUndefined();
    expect(writes(world)).toBe(0);
  });
});

describe('turns of what is not wanted any more', () => {
  async function givenBack(fields: Partial<Collection>) {
    const world = createWorld();
    await turnsFor(world.deps, asked());
    const before = writes(world);
    await giveTurnsBack(world.deps, asked({ ...given, ...fields }));
    return { next: await nextOf(world), writes: writes(world) - before };
  }
  const counts = (some: Partial<Collection['counts']>) => ({ ...emptyCounts(), total: 10, ...some });

  it('are those of tasks that wait, or are not written yet', async () => {
    expect(await givenBack({})).toEqual({ next: 0, writes: 1 });
    expect(await givenBack({ expandedTargets: 4, counts: counts({ total: 4, running: 4 }) })).toMatchObject({
      next: 4,
    });
    const some = counts({ queued: 2, parked: 1, running: 3, archived: 4 });
    expect(await givenBack({ expandedTargets: 10, counts: some })).toEqual({ next: 7, writes: 1 });
  });

  it('are none where everything has begun', async () => {
    const begun = counts({ running: 3, archived: 7 });
    expect(await givenBack({ expandedTargets: 10, counts: begun })).toEqual({ next: 10, writes: 0 });
  });

  it('never lie before the lane’s own time', async () => {
    const world = createWorld();
    await turnsFor(world.deps, asked());
    world.clock.moveTo(START + minutes(30));
    await turnsFor(world.deps, asked({ collectionId: 'c2' }));
    await giveTurnsBack(world.deps, asked({ ...given, collectionId: 'c2', targets: 100 }));
    expect(await nextOf(world)).toBe(minutes(30) / EVERY);
  });
});
