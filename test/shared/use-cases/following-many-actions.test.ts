import { describe, expect, it } from 'vitest';
import type { ActionSnapshot } from '../../../shared/domain/action.ts';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import type { Defender, DefenderFault } from '../../../shared/ports.ts';
import { adoptActions } from '../../../shared/use-cases/adopt-actions.ts';
import { readActions } from '../../../shared/use-cases/read-actions.ts';
import { runTick } from '../../../shared/use-cases/run-tick.ts';
import { device } from '../../world/fleet.ts';
import { taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';
import { anAction, anAttempt } from '../domain/samples.ts';

type List = Defender['listActions'];

const attemptOf = (n: number): Attempt => anAttempt({ attemptId: `attempt-${n}`, machineActionId: `action-${n}` });
const attempts = (count: number): Attempt[] => Array.from({ length: count }, (_, n) => attemptOf(n));
const plan = (list: Attempt[], single: Attempt[] = []) => ({ list, single, adopt: [] });

function withDefender(world: World, calls: Partial<Defender>) {
  return { ...world.deps, defender: { ...world.deps.defender, ...calls } };
}

/** Shows whatever it is asked for, and keeps what that was. */
function showing(asked: unknown[]): List {
  return async (query) => {
    asked.push(query);
    const ids = 'ids' in query ? query.ids : [];
    return { ok: true, value: { value: ids.map((machineActionId) => anAction({ machineActionId })) } };
  };
}

describe('a poll', () => {
  it('asks for a hundred actions in one call', async () => {
    const asked: { ids: string[] }[] = [];
    const deps = withDefender(createWorld(), { listActions: showing(asked) });
    const { seen } = await readActions(deps, plan(attempts(201)), []);
    expect(asked.map(({ ids }) => ids.length)).toEqual([100, 100, 1]);
    expect(seen.size).toBe(201);
    expect(new Set(asked.flatMap(({ ids }) => ids)).size).toBe(201);
  });

  it('asks for blockers in the same call, for none twice, and for nothing where nothing is open', async () => {
    const asked: unknown[] = [];
    const deps = withDefender(createWorld(), { listActions: showing(asked) });
    await readActions(deps, plan([]), []);
    expect(asked).toEqual([]);
    await readActions(deps, plan(attempts(2)), ['action-1', 'theirs']);
    expect(asked).toEqual([{ ids: ['action-0', 'action-1', 'theirs'] }]);
  });

  it('reads a list to its last page', async () => {
    const pages: (string | undefined)[] = [];
    const listActions: List = async (_, page) => {
      pages.push(page);
      const n = pages.length - 1;
      const value = [anAction({ machineActionId: `action-${n}` })];
      return { ok: true, value: { value, ...(n < 2 ? { next: `page-${n + 1}` } : {}) } };
    };
    const { seen } = await readActions(withDefender(createWorld(), { listActions }), plan(attempts(3)), []);
    expect(pages).toEqual([undefined, 'page-1', 'page-2']);
    expect([...seen.keys()]).toEqual(['action-0', 'action-1', 'action-2']);
  });

  it('keeps what it has seen when a call fails, and says so in the log', async () => {
    const world = createWorld();
    const fault: DefenderFault = { kind: 'unavailable', message: '', reached: false };
    const asked: unknown[] = [];
    const listActions: List = async (query, page) =>
      asked.length === 1 ? { ok: false, fault } : showing(asked)(query, page);
    const { seen, refusedMs } = await readActions(withDefender(world, { listActions }), plan(attempts(150)), []);
    expect([seen.size, refusedMs]).toEqual([100, 0]);
    expect(world.log.entries).toMatchObject([
      { level: 'warn', event: 'poll.failed', fields: { fault: 'unavailable' } },
    ]);
  });

  it('is not asked for again at once when the budget for it is spent', async () => {
    const anna = device({ startDelayMs: minutes(10) });
    const world = createWorld({ devices: [anna], settings: { callsPerHour: 120 } });
    await world.ask({ devices: [anna] });
    await world.run(seconds(10));
    const plannedAt = async () =>
      (await world.state.registers.read<{ at: number }>('contoso', 'tick-poll'))?.value.at ?? Number.NaN;
    const at = await plannedAt();
    world.clock.moveTo(at);
    const listActions: List = async () => ({ ok: false, fault: { kind: 'budgetSpent', retryAfterMs: seconds(50) } });
    await runTick(withDefender(world, { listActions }), { kind: 'poll', at });
    expect((await plannedAt()) - at).toBeGreaterThanOrEqual(seconds(40));
  });

  it('reads one by one only what the list does not show', async () => {
    const read: string[] = [];
    const action: Defender['action'] = async (machineActionId) => {
      read.push(machineActionId);
      return { ok: true, value: anAction({ machineActionId }) };
    };
    const listActions: List = async () => ({ ok: true, value: { value: [anAction({ machineActionId: 'action-0' })] } });
    const { machineActionId: _, ...unanswered } = attemptOf(2);
    const single = [attemptOf(0), attemptOf(1), unanswered];
    const { seen } = await readActions(withDefender(createWorld(), { listActions, action }), plan(single, single), []);
    expect(read).toEqual(['action-1']);
    expect([...seen.keys()]).toEqual(['action-0', 'action-1']);
  });
});

describe('an action that Defender says it does not know', () => {
  async function missing() {
    const anna = device({ startDelayMs: minutes(60) });
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.run(seconds(10));
    const attempt = async () => (await world.state.work.load('contoso')).attempts[0]?.value as Attempt;
    const look = async (fault: DefenderFault | undefined) => {
      const current = await attempt();
      const action: Defender['action'] = async () => (fault ? { ok: false, fault } : { ok: true, value: anAction() });
      const listActions: List = async () => ({ ok: true, value: { value: [] } });
      await readActions(withDefender(world, { listActions, action }), plan([current], [current]), []);
    };
    return { world, attempt, look, state: async () => (await taskOf(world, collectionId)).state, collectionId };
  }
  const unknown: DefenderFault = { kind: 'notFound', code: 'NotFound', message: '' };

  it('for ten minutes is given up, and the command is not run again', async () => {
    const { world, attempt, look, state, collectionId } = await missing();
    const since = world.clock.now();
    await look(unknown);
    expect(await attempt()).toMatchObject({ missingSince: since, soughtAt: since });
    world.clock.moveTo(since + minutes(10) - 1);
    await look(unknown);
    expect(await attempt()).toMatchObject({ missingSince: since, soughtAt: since + minutes(10) - 1, state: 'open' });
    world.clock.moveTo(since + minutes(10));
    await look(unknown);
    expect(await state()).toBe('failed');
    const { commands, failure } = await taskOf(world, collectionId);
    expect(failure?.code).toBe('DefenderError');
    expect(commands[0]).toMatchObject({ state: 'failed', errors: ['Defender no longer knows the machine action.'] });
    expect((await world.state.work.load('contoso')).attempts.map((a) => a.value.state)).toEqual(['closed']);
    expect(world.log.entries.some((e) => e.event === 'action.gone' && e.fields.machineActionId)).toBe(true);
  });

  it('and then shows again is followed as if nothing had been', async () => {
    const { world, attempt, look, state } = await missing();
    await look(unknown);
    world.clock.moveTo(world.clock.now() + minutes(5));
    await look(undefined);
    expect(await attempt()).not.toHaveProperty('missingSince');
    world.clock.moveTo(world.clock.now() + minutes(9));
    await look(unknown);
    expect(await state()).toBe('pending');
  });

  it.each([
    { kind: 'unavailable', message: '', reached: true },
    { kind: 'refused', httpStatus: 403, code: 'Forbidden', message: '' },
  ] as DefenderFault[])('is not missing because of an answer that is $kind', async (fault) => {
    const { world, attempt, look } = await missing();
    await look(fault);
    expect(await attempt()).toMatchObject({ soughtAt: world.clock.now() });
    expect(await attempt()).not.toHaveProperty('missingSince');
  });
});

describe('a lost reply', () => {
  async function submitting(intentAgoMs: number) {
    const anna = device();
    const world = createWorld({ devices: [anna] });
    world.crashAt('dispatch.beforeSubmit');
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntil(() => world.failures.length > 0, { atMost: minutes(1) });
    const attempt = (await world.state.work.load('contoso')).attempts[0]?.value as Attempt;
    world.clock.moveTo(attempt.intentAt + intentAgoMs);
    const read = async () => (await world.state.work.load('contoso')).attempts[0]?.value;
    return { world, attempt, read, collectionId };
  }
  const page = (actions: ActionSnapshot[], next?: string) =>
    ({ ok: true, value: { value: actions, ...(next === undefined ? {} : { next }) } }) as const;

  it('is looked for page by page until actions of long before show', async () => {
    const { world, attempt, read } = await submitting(seconds(60));
    const pages: (string | undefined)[] = [];
    const listActions: List = async (_, token) => {
      pages.push(token);
      const createdAt = attempt.intentAt - minutes(5) - (pages.length === 3 ? 1 : 0);
      const { createdAt: _undated, ...undated } = anAction();
      const action = { ...undated, requestorComment: 'theirs', ...(pages.length === 1 ? {} : { createdAt }) };
      return page([action], `page-${pages.length}`);
    };
    await adoptActions(withDefender(world, { listActions }), [attempt]);
    expect(pages).toEqual([undefined, 'page-1', 'page-2']);
    expect(await read()).toMatchObject({ state: 'submitting', soughtAt: world.clock.now() });
  });

  it('of an action that shows on a later page is adopted', async () => {
    const { world, attempt, read, collectionId } = await submitting(seconds(60));
    const { machineId, comment: requestorComment } = attempt;
    const ours = anAction({ machineId, requestorComment, commands: [] });
    const listActions: List = async (_, token) => (token === undefined ? page([], 'more') : page([ours]));
    await adoptActions(withDefender(world, { listActions }), [attempt]);
    expect(await read()).toMatchObject({ state: 'open', machineActionId: ours.machineActionId });
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'pending' });
  });

  it('is not believed to be none before ninety seconds, nor without an answer', async () => {
    const { world, attempt, read, collectionId } = await submitting(seconds(90) - 1);
    await adoptActions(withDefender(world, { listActions: async () => page([]) }), [attempt]);
    expect((await read())?.state).toBe('submitting');
    world.clock.moveTo(attempt.intentAt + seconds(90));
    const down: List = async () => ({ ok: false, fault: { kind: 'unavailable', message: '', reached: false } });
    await adoptActions(withDefender(world, { listActions: down }), [attempt]);
    expect((await read())?.state).toBe('submitting');
    await adoptActions(withDefender(world, { listActions: async () => page([]) }), [attempt]);
    expect((await read())?.state).toBe('closed');
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'queued', submitFaults: 0 });
  });
});
