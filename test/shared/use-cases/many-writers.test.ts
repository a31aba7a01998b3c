import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../shared/domain/failures/failure-codes.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { changeAttempt, changeGuard } from '../../../shared/use-cases/change-attempt.ts';
import { changeHeader, changeTasks } from '../../../shared/use-cases/change-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { governedDefender } from '../../../shared/use-cases/governed-defender.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, custodyOf, taskOf, tasksOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();

/** Another instance is faster the next `times`: every write meets a conflict. */
function beaten(deps: Deps, times: number): Deps & { lost: () => number } {
  let lost = 0;
  const work: Deps['work'] = {
    ...deps.work,
    commit: async (...args) => (lost++ < times ? 'conflict' : deps.work.commit(...args)),
  };
  const collections: Deps['collections'] = {
    ...deps.collections,
    commit: async (...args) => (lost++ < times ? 'conflict' : deps.collections.commit(...args)),
  };
  return { ...deps, work, collections, lost: () => lost };
}

async function withAttempt(): Promise<{ world: World; collectionId: string; attemptId: string }> {
  const world = createWorld({ devices: [anna] });
  const collectionId = await world.ask({ devices: [anna] });
  await world.run(seconds(5));
  const [attempt] = (await world.state.work.load('contoso')).attempts;
  return { world, collectionId, attemptId: attempt?.value.attemptId ?? '' };
}

describe('a change that others are faster with', () => {
  it('of an attempt is decided again until it is written', async () => {
    const { world, attemptId } = await withAttempt();
    const deps = beaten(world.deps, 49);
    const key = { tenantId: 'contoso', attemptId };
    const changed = await changeAttempt(deps, key, (a) => ({ ...a, told: `${a.told ?? ''}x` }));
    expect(changed?.told).toMatch(/x$/);
    expect((await world.state.work.attempt('contoso', attemptId))?.value).toEqual(changed);
  });

  it('of the guard, and of a collection, too', async () => {
    const { world, collectionId } = await withAttempt();
    await changeGuard(beaten(world.deps, 49), (guard) => ({ ...guard, refusals: 7 }));
    expect((await world.state.work.load('contoso')).guard.value.refusals).toBe(7);
    await changeHeader(beaten(world.deps, 49), collectionId, (collection) => ({
      collection: { ...collection, comment: 'changed' },
    }));
    expect((await collectionOf(world, collectionId)).comment).toBe('changed');
  });

  it('fifty times in a row is an error that names the row', async () => {
    const { world, attemptId, collectionId } = await withAttempt();
    const key = { tenantId: 'contoso', attemptId };
    const always = beaten(world.deps, 1_000);
    await expect(changeAttempt(always, key, (a) => ({ ...a }))).rejects.toThrow(`attempt ${attemptId} was changed`);
    expect(always.lost()).toBe(50);
    await expect(changeGuard(beaten(world.deps, 50), (g) => ({ ...g }))).rejects.toThrow(
      'the submit guard was changed',
    );
    const header = changeHeader(beaten(world.deps, 50), collectionId, (collection) => ({ collection }));
    await expect(header).rejects.toThrow(`collection ${collectionId} was changed`);
  });
});

describe('a change that turns out to be none', () => {
  it('of an attempt costs no write, and shows it as it is', async () => {
    const { world, attemptId } = await withAttempt();
    const deps = beaten(world.deps, 0);
    const row = await world.state.work.attempt('contoso', attemptId);
    expect(await changeAttempt(deps, { tenantId: 'contoso', attemptId }, () => undefined)).toEqual(row?.value);
    await changeGuard(deps, (guard) => guard);
    expect(deps.lost()).toBe(0);
  });

  it('of what is gone is none', async () => {
    const { world } = await withAttempt();
    const gone = { tenantId: 'contoso', attemptId: 'gone' };
    expect(await changeAttempt(world.deps, gone, (a) => ({ ...a }))).toBeUndefined();
    expect(await changeHeader(world.deps, 'gone', (collection) => ({ collection }))).toBeUndefined();
    const event = { type: 'woken', at: START, why: 'machineSeen' } as const;
    expect(await changeTasks(world.deps, 'gone', [{ taskId: 't', event }])).toBeUndefined();
  });
});

describe('a change of many tasks', () => {
  it('is told for every one of them', async () => {
    const fleet = devices(40);
    const world = createWorld({ devices: fleet, settings: { submitsPerMinute: 1 } });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(seconds(5));
    const waiting = (await tasksOf(world, collectionId)).filter((t) => t.state === 'queued');
    const at = world.clock.now();
    const stop = { type: 'stopped', at, state: 'cancelled', failure: failureOf('Cancelled') } as const;
    const changed = await changeTasks(
      world.deps,
      collectionId,
      waiting.map(({ taskId }) => ({ taskId, event: stop })),
    );
    expect(changed?.tasks.map((t) => [t.taskId, t.state])).toEqual(waiting.map((t) => [t.taskId, 'cancelled']));
    expect(changed?.collection.counts).toMatchObject({ total: 40, cancelled: 39 });
  });

  it('leaves no agenda row behind that would bring a task its turn', async () => {
    const fleet = devices(3);
    const world = createWorld({ devices: fleet, settings: { submitsPerMinute: 1 } });
    const collectionId = await world.ask({ devices: fleet });
    const rows = async () => (await world.state.index.range('contoso|tasks', { from: '0', to: '~', top: 99 })).value;
    await world.run(seconds(5));
    expect(await rows()).toHaveLength(2);
    const waiting = (await tasksOf(world, collectionId)).filter((t) => t.state === 'queued');
    const event = {
      type: 'stopped',
      at: world.clock.now(),
      state: 'cancelled',
      failure: failureOf('Cancelled'),
    } as const;
    await changeTasks(
      world.deps,
      collectionId,
      waiting.map(({ taskId }) => ({ taskId, event })),
    );
    expect(await rows()).toEqual([]);
  });
});

describe('the instants of a collection', () => {
  it('never go back, although another instance’s clock is behind', async () => {
    const { world, collectionId } = await withAttempt();
    const before = await collectionOf(world, collectionId);
    const behind: Deps = { ...world.deps, clock: { now: () => START - minutes(1) } };
    await changeHeader(behind, collectionId, (collection, at) => ({
      collection: { ...collection, updatedAt: at },
      entries: [{ at, type: 'artifact.linkIssued', actor: 'http', data: {} }],
    }));
    expect((await collectionOf(world, collectionId)).updatedAt).toBe(before.updatedAt);
    const instants = (await custodyOf(world, collectionId)).map((e) => e.at);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect((await taskOf(world, collectionId)).state).toBe('pending');
  });
});

describe('the budget of Defender’s calls', () => {
  const limits = { callsPerMinute: 2, callsPerHour: 100 };

  function governed(world: World, registers: Deps['registers'] = world.state.registers) {
    let calls = 0;
    const machines: Deps['defender']['machines'] = async () => {
      calls += 1;
      return { ok: true, value: { value: [] } };
    };
    const inner = { ...world.deps.defender, machines };
    const defender = governedDefender(inner, { registers, clock: world.clock, tenantId: 'other', limits });
    return { defender, calls: () => calls };
  }

  it('is counted for each endpoint, and a call beyond it is not made', async () => {
    const world = createWorld();
    const { defender, calls } = governed(world);
    for (let i = 0; i < 2; i += 1) expect((await defender.machines()).ok).toBe(true);
    const refused = await defender.machines();
    expect(refused).toMatchObject({ ok: false, fault: { kind: 'budgetSpent' } });
    expect(!refused.ok && 'retryAfterMs' in refused.fault && refused.fault.retryAfterMs).toBeGreaterThan(seconds(59));
    expect(calls()).toBe(2);
  });

  it('counts as spent for a second when thirty others were faster', async () => {
    const world = createWorld();
    let writes = 0;
    const lose = (most: number): Deps['registers'] => ({
      ...world.state.registers,
      write: async (...args) => (++writes <= most ? 'conflict' : world.state.registers.write(...args)),
    });
    const beatenAlways = governed(world, lose(1_000));
    expect(await beatenAlways.defender.machines()).toEqual({
      ok: false,
      fault: { kind: 'budgetSpent', retryAfterMs: 1_000 },
    });
    expect(writes).toBe(30);
    expect(beatenAlways.calls()).toBe(0);
    writes = 0;
    expect((await governed(world, lose(29)).defender.machines()).ok).toBe(true);
  });

  it('rests for all instances when Defender refuses one of them for its rate', async () => {
    const world = createWorld();
    const refusal = { ok: false, fault: { kind: 'rateLimited', retryAfterMs: seconds(40), message: '' } } as const;
    const governor = { registers: world.state.registers, clock: world.clock, tenantId: 'other', limits };
    const refusing = governedDefender({ ...world.deps.defender, machines: async () => refusal }, governor);
    expect(await refusing.machines()).toEqual(refusal);
    const { defender, calls } = governed(world);
    expect(await defender.machines()).toEqual({ ok: false, fault: { kind: 'budgetSpent', retryAfterMs: seconds(40) } });
    expect(calls()).toBe(0);
    world.clock.moveTo(START + seconds(40));
    expect((await defender.machines()).ok).toBe(true);
  });

  it('still counts the calls made before such a refusal', async () => {
    const world = createWorld();
    const refusal = { ok: false, fault: { kind: 'rateLimited', retryAfterMs: seconds(10), message: '' } } as const;
    const governor = { registers: world.state.registers, clock: world.clock, tenantId: 'other', limits };
    const { defender, calls } = governed(world);
    await defender.machines();
    await governedDefender({ ...world.deps.defender, machines: async () => refusal }, governor).machines();
    world.clock.moveTo(START + seconds(11));
    expect((await defender.machines()).ok).toBe(false);
    world.clock.moveTo(START + minutes(2));
    expect((await defender.machines()).ok).toBe(true);
    expect(calls()).toBe(2);
  });

  it('is one for each endpoint, and none for submits, whose permits derive from attempts', async () => {
    const world = createWorld({ devices: [anna] });
    const { state, clock, deps } = world;
    const governor = { registers: state.registers, clock, tenantId: 'other', limits };
    const defender = governedDefender(deps.defender, governor);
    const calls: Record<string, () => Promise<{ ok: boolean; fault?: { kind: string } }>> = {
      listActions: () => defender.listActions({ ids: [] }),
      action: () => defender.action('a'),
      cancel: () => defender.cancel('a', 'no more'),
      resultLink: () => defender.resultLink('a', 0),
      machines: () => defender.machines(),
      machine: () => defender.machine(anna.computerDnsName),
      machinesByIp: () => defender.machinesByIp('10.0.0.1', START),
    };
    for (const [endpoint, call] of Object.entries(calls)) {
      const faults: (string | undefined)[] = [];
      for (let i = 0; i < 3; i += 1) faults.push((await call()).fault?.kind);
      expect([endpoint, ...faults.map((kind) => kind === 'budgetSpent')]).toEqual([endpoint, false, false, true]);
      expect(await state.registers.read('other', `calls-${endpoint}`)).toBeDefined();
    }
    const run = { machineId: idOf(anna), commands: [], comment: 'c' };
    for (let i = 0; i < 3; i += 1)
      expect(await defender.submit(run)).not.toMatchObject({ fault: { kind: 'budgetSpent' } });
  });

  it('does not rest for any other fault', async () => {
    const world = createWorld();
    const down = { ok: false, fault: { kind: 'unavailable', message: '', reached: false } } as const;
    const governor = { registers: world.state.registers, clock: world.clock, tenantId: 'other', limits };
    await governedDefender({ ...world.deps.defender, machines: async () => down }, governor).machines();
    expect((await governed(world).defender.machines()).ok).toBe(true);
  });
});
