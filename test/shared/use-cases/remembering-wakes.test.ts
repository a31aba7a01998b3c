import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../shared/domain/attempt.ts';
import { days, hours, minutes, seconds } from '../../../shared/domain/time.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { forgetWaking, rememberWaking, wakingHours } from '../../../shared/use-cases/waking-hours.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { anAttempt, machineId } from '../domain/samples.ts';

const PARTITION = 'contoso|waking';
const rows = async (world: World) =>
  (await world.state.index.range(PARTITION, { from: '0', to: '~', top: 5_000 })).value;
const known = (world: World, ...begun: [string, string][]) =>
  world.state.index.write(PARTITION, { put: begun.map(([key, begunAt]) => ({ key, value: { begunAt } })) });

/** A look that shows the begin of a device, so long after its submit. */
function look(n: number, afterMs: number, fields: Partial<Attempt> = {}) {
  const before = anAttempt({ machineId: machineId(n), repliedAt: START, ...fields });
  return { before, after: { ...before, begunAt: START + afterMs } };
}
/** An index that fails for one device. */
const without = (deps: Deps, failing: string): Deps => ({
  ...deps,
  index: {
    ...deps.index,
    range: (partition, query) =>
      query.from === failing ? Promise.reject(new Error('busy')) : deps.index.range(partition, query),
  },
});

describe('a look at devices', () => {
  it('remembers those that had slept, and costs nothing for those that had not', async () => {
    const world = createWorld();
    await rememberWaking(world.deps, [look(1, minutes(1)), look(2, minutes(4))]);
    expect(world.calls.size).toBe(0);
    await rememberWaking(world.deps, [look(3, minutes(4) + 1), look(4, seconds(9), { probe: true })]);
    expect(await rows(world)).toEqual([
      { key: machineId(3), value: { begunAt: String(START + minutes(4) + 1) } },
      { key: machineId(4), value: { begunAt: String(START + seconds(9)) } },
    ]);
  });

  it('adds to what was known, and writes nothing for the same stay', async () => {
    const world = createWorld();
    await known(world, [machineId(1), String(START - days(1))]);
    await rememberWaking(world.deps, [look(1, hours(1))]);
    const [row] = await rows(world);
    expect(row?.value).toEqual({ begunAt: `${START - days(1)},${START + hours(1)}` });
    const before = world.calls.get('index.write');
    await rememberWaking(world.deps, [look(1, hours(1) + minutes(20))]);
    expect(world.calls.get('index.write')).toBe(before);
    expect(world.log.entries).toEqual([]);
  });

  it('remembers the others when one cannot be', async () => {
    const world = createWorld();
    const looks = [1, 2, 3].map((n) => look(n, hours(1)));
    await rememberWaking(without(world.deps, machineId(2)), looks);
    expect((await rows(world)).map(({ key }) => key)).toEqual([machineId(1), machineId(3)]);
    expect(world.log.entries).toMatchObject([{ level: 'error', fields: { machineId: machineId(2) } }]);
  });
});

describe('the hours that are known', () => {
  it('are looked up once for each device, however many tasks it has', async () => {
    const world = createWorld();
    await known(world, [machineId(1), `${START - 5},${START}`]);
    const found = await wakingHours(world.deps, [machineId(1), machineId(2), machineId(1)]);
    expect([...found]).toEqual([[machineId(1), [START - 5, START]]]);
    expect(world.calls.get('index.range')).toBe(2);
  });

  it('of one device are not those of another whose id begins alike', async () => {
    const world = createWorld();
    await known(world, ['a', String(START)], ['ab-c', String(START)], ['abc', String(START)]);
    expect([...(await wakingHours(world.deps, ['ab', 'abcd']))]).toEqual([]);
  });

  it('are without what is no instant', async () => {
    const world = createWorld();
    await known(world, ['a', `x,${START},-5,,0,1e999`], ['b', ''], ['c', 'x']);
    await world.state.index.write(PARTITION, { put: [{ key: 'd' }] });
    expect([...(await wakingHours(world.deps, ['a', 'b', 'c', 'd']))]).toEqual([['a', [START]]]);
    expect(world.log.entries).toEqual([]);
  });

  it('are unknown for one device that cannot be looked up, and known for the others', async () => {
    const world = createWorld();
    await known(world, ['a', String(START)], ['b', String(START)]);
    expect([...(await wakingHours(without(world.deps, 'a'), ['a', 'b']))]).toEqual([['b', [START]]]);
    expect(world.log.entries).toMatchObject([{ level: 'warn', fields: { machineId: 'a' } }]);
  });
});

describe('what is old', () => {
  const keys = async (world: World) => (await rows(world)).map(({ key }) => key);
  const LATER = START + days(1);

  it('is forgotten, and what cannot be read with it', async () => {
    const world = createWorld({ settings: { retentionMs: days(10) } });
    await known(
      world,
      ['a', String(START - days(10))],
      ['b', `${START - days(20)},${START - days(10) + 1}`],
      ['c', 'x'],
    );
    await world.state.index.write(PARTITION, { put: [{ key: 'd' }] });
    await forgetWaking(world.deps, LATER);
    expect(await keys(world)).toEqual(['b']);
  });

  it('costs one read where there is none', async () => {
    const world = createWorld();
    await known(world, ['a', String(START)]);
    await forgetWaking(world.deps, LATER);
    expect([...world.calls]).toEqual([['index.range', 1]]);
  });

  it('is looked for a thousand at a time, until the time is over; the next run begins anew', async () => {
    const world = createWorld({ settings: { retentionMs: days(10) } });
    const many = Array.from({ length: 2_500 }, (_, n) => String(n).padStart(4, '0'));
    await known(world, ...many.map((key): [string, string] => [key, String(START - days(11))]));
    await forgetWaking(world.deps, START);
    expect(await keys(world)).toHaveLength(1_500);
    await forgetWaking(world.deps, START + 1);
    expect(await keys(world)).toEqual([]);
  });
});
