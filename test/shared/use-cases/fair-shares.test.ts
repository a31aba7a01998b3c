import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import type { RequestedBy } from '../../../shared/domain/collection.ts';
import { taskAgendaKey, tasksAgenda } from '../../../shared/domain/index-keys.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { advanceCollection } from '../../../shared/use-cases/advance-collection.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { idOf } from '../../world/asking.ts';
import { devices } from '../../world/fleet.ts';
import { collectionOf, submits, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const HUNTER: RequestedBy = { kind: 'entra', id: 'hunter' };
const ANNA: RequestedBy = { kind: 'entra', id: 'anna' };
const EVERY = seconds(6);

const few = devices(10, {}, 'few');

/** Of the submits from some point on, which are of these devices. */
function turnsOf(world: World, of: readonly DeviceInput[], after: number): boolean[] {
  const ids = new Set(of.map(idOf));
  return submits(world)
    .slice(after)
    .map(({ machineId }) => ids.has(machineId ?? ''));
}

const cancel = (world: World, id: string) =>
  world.call((deps) => cancelCollection(deps, id, { by: HUNTER }).then((c) => [c]));

/** Asks while no message moves anything: the collection is accepted, and not one of its tasks is written. */
async function accepted(world: World, request: Parameters<World['ask']>[0]): Promise<string> {
  world.lose('collections');
  return world.ask(request);
}

async function turnsFromOf(world: World, id: string): Promise<number> {
  return (await collectionOf(world, id)).turnsFrom ?? Number.NaN;
}

describe('ten targets that are asked for after three hundred of a hunt', () => {
  it('get every other submit from then on', async () => {
    const many = devices(300);
    const world = createWorld({ devices: [...many, ...few] });
    const hunt = await world.ask({ devices: many, by: HUNTER });
    await world.run(minutes(5));
    const before = submits(world).length;
    const id = await world.ask({ devices: few, by: ANNA });
    await world.runUntilEnded(id, { atMost: minutes(30) });
    const turns = turnsOf(world, few, before);
    const from = turns.indexOf(true);
    expect(from).toBeLessThanOrEqual(2);
    const mine = turns.slice(from, from + 20);
    expect(mine.filter(Boolean)).toHaveLength(10);
    expect(mine.every((one, n) => one !== mine[n + 1])).toBe(true);
    await world.runUntilEnded(hunt, { atMost: hours(2) });
    expect(submits(world)).toHaveLength(310);
    expect(wrongs(world)).toEqual([]);
  });

  it('wait for all of it when the same requester asks for them', async () => {
    const many = devices(60);
    const world = createWorld({ devices: [...many, ...few] });
    await world.ask({ devices: many, by: HUNTER });
    await world.run(seconds(30));
    const id = await world.ask({ devices: few, by: HUNTER });
    await world.runUntilEnded(id, { atMost: minutes(60) });
    expect(turnsOf(world, few, 0).indexOf(true)).toBe(60);
  });

  it('get their share also of a hunt that names a tag, whose devices each have a turn of their own', async () => {
    const many = devices(60, { machineTags: ['finance'] });
    const world = createWorld({ devices: [...many, ...few] });
    const hunt = await world.ask({ targets: [{ machineTag: 'finance' }], by: HUNTER });
    await world.run(minutes(1));
    expect(await tasksOf(world, hunt)).toHaveLength(60);
    const before = submits(world).length;
    const id = await world.ask({ devices: few, by: ANNA });
    const again = await world.ask({ devices: many.slice(0, 1), by: HUNTER });
    await world.run(seconds(5));
    const [first, next] = [await turnsFromOf(world, hunt), await turnsFromOf(world, again)];
    expect(next - first).toBe(61 * EVERY);
    await world.runUntilEnded(id, { atMost: minutes(30) });
    expect(turnsOf(world, few, before).slice(0, 22).filter(Boolean).length).toBe(10);
  });

  it('are not preferred to it when the hunt was cancelled and is asked for again', async () => {
    const [many, others] = [devices(60), devices(60, {}, 'other')];
    const world = createWorld({ devices: [...many, ...others] });
    await world.ask({ devices: others, by: ANNA });
    const wrong = await world.ask({ devices: many, by: HUNTER });
    await world.run(seconds(5));
    await cancel(world, wrong);
    const right = await world.ask({ devices: many, by: HUNTER, commands: [{ type: 'GetFile', path: 'C:\\a' }] });
    await world.run(seconds(5));
    const started = 60 - (await collectionOf(world, wrong)).counts.cancelled;
    expect(started).toBeLessThan(10);
    const later = (await turnsFromOf(world, right)) - (await turnsFromOf(world, wrong));
    expect(later).toBeGreaterThanOrEqual(started * EVERY);
    expect(later).toBeLessThan((started + 1) * EVERY);
  });
});

describe('the turns of a collection', () => {
  const keysOf = async (world: World, id: string) => {
    const collection = await collectionOf(world, id);
    return (await tasksOf(world, id)).flatMap((task) => taskAgendaKey(collection, task) ?? []);
  };
  const agendaOf = async (world: World, id: string) => {
    const { value } = await world.state.index.range(tasksAgenda('contoso'), { from: '0', to: '~', top: 5_000 });
    return value.map(({ key }) => key).filter((key) => key.includes(id));
  };

  it('are the same whoever expands it, once, twice or after a crash at any call', async () => {
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= 14; call += 1) {
        const world = createWorld({ devices: [...devices(90), ...few], settings: { sessions: 1 } });
        const id = await accepted(world, { devices: devices(90), by: HUNTER });
        world.crashAtCall(call, when);
        await world.call((deps) => advanceCollection(deps, id).then(() => [])).catch(() => undefined);
        const given = (await collectionOf(world, id)).turnsFrom;
        await advanceCollection(world.deps, id);
        const collection = await collectionOf(world, id);
        if (given !== undefined) expect(collection.turnsFrom).toBe(given);
        expect(collection.turnsFrom).toBeDefined();
        expect((await agendaOf(world, id)).sort()).toEqual((await keysOf(world, id)).sort());
      }
    }
  });

  it('are none while they cannot be counted, which holds up no task', async () => {
    const world = createWorld({ devices: devices(90), settings: { sessions: 1 } });
    const id = await accepted(world, { devices: devices(90), by: HUNTER });
    const { registers } = world.deps;
    const read: Deps['registers']['read'] = (tenantId, name) =>
      name === 'turns' ? Promise.reject(new Error('damaged')) : registers.read(tenantId, name);
    await advanceCollection({ ...world.deps, registers: { ...registers, read } }, id);
    expect(await collectionOf(world, id)).not.toHaveProperty('turnsFrom');
    expect(await agendaOf(world, id)).toHaveLength(90);
    expect(world.log.entries).toContainEqual(expect.objectContaining({ event: 'turns.notCounted' }));
  });

  it('are one, when two instances expand a collection at once', async () => {
    const world = createWorld({ devices: devices(90), settings: { sessions: 1 } });
    const id = await accepted(world, { devices: devices(90), by: HUNTER });
    await Promise.all([advanceCollection(world.deps, id), advanceCollection(world.deps, id)]);
    expect((await agendaOf(world, id)).sort()).toEqual((await keysOf(world, id)).sort());
    expect(await keysOf(world, id)).toHaveLength(90);
  });

  it('go through all of a thousand targets in the order of the request', async () => {
    const world = createWorld({ devices: devices(1000), settings: { sessions: 1 } });
    const id = await accepted(world, { devices: devices(1000), by: HUNTER });
    await advanceCollection(world.deps, id);
    const keys = await keysOf(world, id);
    expect(keys).toHaveLength(1000);
    expect([...keys].sort()).toEqual(keys);
  });

  it('cost one range, and one register that is read and written once, however large it is', async () => {
    const world = createWorld({ devices: devices(1000), settings: { sessions: 1 } });
    const id = await accepted(world, { devices: devices(1000), by: HUNTER });
    const calls: string[] = [];
    const { registers, index } = world.deps;
    const read: typeof registers.read = (tenant, name) => {
      calls.push(`read ${name}`);
      return registers.read(tenant, name);
    };
    const write: typeof registers.write = (tenant, name, value, etag) => {
      calls.push(`write ${name}`);
      return registers.write(tenant, name, value, etag);
    };
    const range: typeof index.range = (partition, query) => {
      calls.push('range');
      return index.range(partition, query);
    };
    const deps: Deps = { ...world.deps, registers: { read, write }, index: { ...index, range } };
    await advanceCollection(deps, id);
    await advanceCollection(deps, id);
    const ours = calls.filter((call) => call === 'range' || call.endsWith(' turns'));
    expect(ours).toEqual(['range', 'read turns', 'write turns']);
  });

  it('are given also when others are always faster at the register: that costs fairness, and no task', async () => {
    const world = createWorld({ devices: few });
    const id = await accepted(world, { devices: few, by: ANNA });
    const { registers } = world.deps;
    const write: Deps['registers']['write'] = async (tenant, name, value, etag) =>
      name === 'turns' ? 'conflict' : registers.write(tenant, name, value, etag);
    await advanceCollection({ ...world.deps, registers: { ...registers, write } }, id);
    expect(await keysOf(world, id)).toHaveLength(10);
    await world.runUntilEnded(id, { atMost: minutes(30) });
  });

  it('stay those of acceptance where an earlier version wrote the first tasks', async () => {
    const world = createWorld({ devices: devices(90), settings: { sessions: 1 } });
    const id = await accepted(world, { devices: devices(90), by: HUNTER });
    const header = await world.state.collections.header(id);
    if (!header) throw new Error('it was accepted');
    await world.state.collections.commit({ header: { ...header, value: { ...header.value, expandedTargets: 40 } } });
    await advanceCollection(world.deps, id);
    const { turnsFrom, createdAt } = await collectionOf(world, id);
    expect(turnsFrom).toBeUndefined();
    for (const key of await keysOf(world, id)) expect(key).toContain(`|${createdAt}|${id}|`);
  });
});
