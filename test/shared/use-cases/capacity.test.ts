import { describe, expect, it } from 'vitest';
import { taskAgendaKey } from '../../../shared/domain/index-keys.ts';
import { minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { readCapacity } from '../../../shared/use-cases/read-capacity.ts';
import { readCollection } from '../../../shared/use-cases/read-collection.ts';
import { devices } from '../../world/fleet.ts';
import { submits } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { aCollection, aTask } from '../domain/samples.ts';

async function underWay(count: number, settings: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const fleet = devices(count);
  const world = createWorld({ devices: fleet, ...settings });
  await world.ask({ devices: fleet });
  await world.run(seconds(10));
  return world;
}

async function pause(world: World, until: number, reason: 'SubmitRate' | 'NoSlot' | 'DefenderUnavailable') {
  const { guard } = await world.state.work.load('contoso');
  const value = { ...guard.value, pausedUntil: until, pauseReason: reason, refusals: 1 };
  await world.state.work.commit('contoso', { guard: { ...guard, value } });
}

/** Why the queued tasks wait, and when the first may start. */
async function waitingOf(world: World) {
  const rows = await world.state.index.range('contoso|lists', { from: 'all|', to: 'all|~', top: 1 });
  const found = await readCollection(world.deps, rows.value[0]?.key.split('|').at(-1) ?? '');
  return (found?.view.tasks ?? []).flatMap((t) => (t.waiting && t.state === 'queued' ? [t.waiting] : []));
}

/** Of a ready task of a collection of its own. */
const agendaKey = (n: number): string => {
  const collection = { ...aCollection([]), collectionId: `c${n}` };
  return taskAgendaKey(collection, aTask({ collectionId: collection.collectionId })) ?? '';
};

async function manyWait(world: World, tasks: number): Promise<void> {
  await world.state.index.write('contoso|tasks', {
    put: Array.from({ length: tasks }, (_, n) => ({ key: agendaKey(n) })),
  });
}

/** Pages of the agenda that an answer reads. */
async function pagesRead(world: World): Promise<number> {
  const pages = () => world.calls.get('index.range') ?? 0;
  const before = pages();
  await readCapacity(world.deps);
  // one is of the open collections
  return pages() - before - 1;
}

describe('the capacity', () => {
  it('of a service at rest is whole', async () => {
    const { submits, slots, tasks, queueEmptyAt } = await readCapacity(createWorld().deps);
    expect(submits).toEqual({ perMinute: 10, left: 10, nextAt: toIso(START) });
    expect(slots).toEqual({ limit: 25, reserved: 2, inUse: 0, free: 23 });
    expect(queueEmptyAt).toBeNull();
    expect(Object.values(tasks).every((n) => n === 0)).toBe(true);
    expect(tasks).toMatchObject({ queued: 0, running: 0, archived: 0, expired: 0 });
  });

  it('tells what is left of every endpoint’s calls, in the words of Defender', async () => {
    const world = await underWay(1);
    const { calls } = await readCapacity(world.deps);
    expect(calls.map((c) => c.endpoint)).toEqual([
      'GET /api/machineactions',
      'GET /api/machineactions/{id}',
      'POST /api/machineactions/{id}/cancel',
      'GET /api/machineactions/{id}/GetLiveResponseResultDownloadLink',
      'GET /api/machines',
      'GET /api/machines/{id}',
      'GET /api/machines/findbyip',
    ]);
    const lists = world.calls.get('defender.listActions') ?? 0;
    expect(lists).toBeGreaterThan(0);
    expect(calls[0]).toMatchObject({
      perMinute: 100,
      leftThisMinute: 100 - lists,
      perHour: 1500,
      leftThisHour: 1500 - lists,
    });
    expect(calls[4]).toMatchObject({ leftThisMinute: 100, leftThisHour: 1500 });
  });

  it('counts tasks of open collections by their state', async () => {
    const world = await underWay(12);
    const { tasks, submits, slots } = await readCapacity(world.deps);
    expect(tasks).toMatchObject({ pending: 10, queued: 2, archived: 0 });
    expect(submits.left).toBe(0);
    expect(Date.parse(submits.nextAt ?? '')).toBeGreaterThan(world.clock.now());
    expect(slots).toMatchObject({ inUse: 10, free: 13 });
  });

  it('counts all of some hundreds of open collections', async () => {
    const world = createWorld();
    const target = { computerDnsName: 'nobody.contoso.com' };
    for (let i = 0; i < 205; i += 1) {
      await world.ask({ targets: [target] });
      const [id] = (await world.state.index.range('contoso|lists', { from: 'all|', to: 'all|~', top: 1 })).value;
      const header = await world.state.collections.header(id?.key.split('|').at(-1) ?? '');
      if (!header) throw new Error('no collection');
      const counts = { ...header.value.counts, total: 1, running: 1 };
      await world.state.collections.commit({ header: { ...header, value: { ...header.value, counts } } });
      world.clock.moveTo(world.clock.now() + 1);
    }
    expect((await readCapacity(world.deps)).tasks.running).toBe(205);
  });

  it('leaves open when the next submit is, where no permit is known to return', async () => {
    const world = createWorld({ settings: { submitsPerMinute: 0 } });
    expect((await readCapacity(world.deps)).submits).toEqual({ perMinute: 0, left: 0, nextAt: null });
  });

  it('in a pause tells its end', async () => {
    const world = await underWay(3);
    const until = world.clock.now() + minutes(3);
    await pause(world, until, 'DefenderUnavailable');
    expect((await readCapacity(world.deps)).submits).toMatchObject({ left: 0, nextAt: toIso(until) });
  });
});

describe('tasks that wait for their turn', () => {
  it('are told a start in the future, later places no earlier ones, at every moment', async () => {
    const world = await underWay(40, { settings: { sessions: 6, submitsPerMinute: 4 } });
    for (let i = 0; i < 40; i += 1) {
      await world.run(seconds(37) + 1);
      const starts = (await waitingOf(world)).map((w) => Date.parse(w.estimatedStartAt ?? ''));
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      expect(Math.min(world.clock.now(), ...starts)).toBe(world.clock.now());
    }
  });

  it('are all counted before their devices are found', async () => {
    const world = createWorld();
    await world.ask({ targets: [{ computerDnsName: 'nobody.contoso.com' }] });
    expect(await readCapacity(world.deps)).toMatchObject({ queueEmptyAt: toIso(START) });
  });

  it('wait for the rate of submits, then start at the rate that limits allow', async () => {
    const world = await underWay(14);
    const waiting = await waitingOf(world);
    expect(waiting.map((w) => w.reason)).toEqual(Array(4).fill('SubmitRate'));
    expect(waiting.map((w) => w.queuePosition)).toEqual([1, 2, 3, 4]);
    const { submits, queueEmptyAt } = await readCapacity(world.deps);
    expect(waiting.map((w) => w.estimatedStartAt)).toEqual(Array(4).fill(submits.nextAt));
    expect(queueEmptyAt).toBe(submits.nextAt);
  });

  it('start ten a minute while sessions are free, then as actions end', async () => {
    const world = await underWay(60);
    const starts = (await waitingOf(world)).map((w) => Date.parse(w.estimatedStartAt ?? ''));
    expect(starts).toHaveLength(50);
    const after = starts.map((at) => Math.round((at - START) / minutes(1)));
    expect(after.slice(0, 13)).toEqual([...Array(10).fill(1), ...Array(3).fill(2)]);
    // 23 sessions of about four minutes each
    expect(after.slice(13, 36)).toEqual([...Array(10).fill(4), ...Array(10).fill(5), ...Array(3).fill(6)]);
    expect(Date.parse((await readCapacity(world.deps)).queueEmptyAt ?? '')).toBe(starts.at(-1));
  });

  it('start ten a minute where sessions abound', async () => {
    const world = await underWay(45, { settings: { sessions: 500, sessionsReserved: 0 } });
    const starts = (await waitingOf(world)).map((w) => Date.parse(w.estimatedStartAt ?? ''));
    const [first = 0] = starts;
    expect(starts.map((at) => at - first)).toEqual([0, 1, 2, 3].flatMap((n) => Array(n < 3 ? 10 : 5).fill(minutes(n))));
  });

  it('wait for a session where all are in use', async () => {
    const world = await underWay(3, { settings: { sessions: 2, sessionsReserved: 0 } });
    const [waiting] = await waitingOf(world);
    expect(waiting).toMatchObject({ reason: 'NoSlot', queuePosition: 1 });
    const startsInMs = Date.parse(waiting?.estimatedStartAt ?? '') - START;
    expect(startsInMs).toBeGreaterThan(minutes(3.5));
    expect(startsInMs).toBeLessThan(minutes(4.5));
  });

  it('wait for what paused all submits, and start after it', async () => {
    const world = await underWay(12);
    const until = world.clock.now() + minutes(5);
    await pause(world, until, 'DefenderUnavailable');
    const [first] = await waitingOf(world);
    expect(first).toMatchObject({ reason: 'DefenderUnavailable', estimatedStartAt: toIso(until) });
  });

  it('are looked at anew after two seconds, not before', async () => {
    const world = await underWay(12);
    const before = await waitingOf(world);
    await pause(world, world.clock.now() + minutes(5), 'DefenderUnavailable');
    world.clock.moveTo(world.clock.now() + seconds(2) - 1);
    expect(await waitingOf(world)).toEqual(before);
    world.clock.moveTo(world.clock.now() + 1);
    expect((await waitingOf(world))[0]?.reason).toBe('DefenderUnavailable');
  });

  it('are looked at more rarely where thousands wait: each look reads them all', async () => {
    const world = createWorld();
    await manyWait(world, 3_000);
    await readCapacity(world.deps);
    expect(await pagesRead(world)).toBe(0);
    world.clock.moveTo(START + seconds(6) - 1);
    expect(await pagesRead(world)).toBe(0);
    world.clock.moveTo(START + seconds(6));
    expect(await pagesRead(world)).toBe(3);
  });

  it('are counted up to ten thousand, and no further', async () => {
    const world = createWorld();
    await manyWait(world, 11_500);
    expect(await pagesRead(world)).toBe(10);
    const { queueEmptyAt } = await readCapacity(world.deps);
    // 23 sessions of four minutes each
    expect((Date.parse(queueEmptyAt ?? '') - START) / (minutes(4) / 23)).toBeCloseTo(10_000, -2);
  });

  it('count once where a wait that is over has left a row', async () => {
    const world = await underWay(12);
    const [place] = (await waitingOf(world)).map((w) => w.queuePosition);
    const rows = (await world.state.index.range('contoso|tasks', { from: '0', to: '9', top: 9 })).value;
    const earlier = rows.map(({ key, ...row }) => ({ ...row, key: key.replace(/\d+$/, '1000000000000') }));
    await world.state.index.write('contoso|tasks', { put: earlier });
    world.clock.moveTo(world.clock.now() + seconds(2));
    expect(place).toBe(1);
    expect((await waitingOf(world)).map((w) => w.queuePosition)).toEqual([1, 2]);
  });
});

describe('estimates of starts', () => {
  it('come true within half a minute where actions take what is typical', async () => {
    const fleet = devices(45, { startDelayMs: seconds(60), runMs: seconds(150), lagMs: seconds(27) });
    const world = createWorld({ devices: fleet });
    const asked = await world.ask({ devices: fleet });
    await world.run(seconds(10));
    const told = (await waitingOf(world)).map((w) => Date.parse(w.estimatedStartAt ?? ''));
    const { queueEmptyAt } = await readCapacity(world.deps);
    await world.runUntilEnded(asked, { atMost: minutes(30) });
    const started = submits(world).map(({ at }) => at);
    const late = told.map((at, i) => Math.abs((started[i + 10] ?? 0) - at));
    expect(Math.max(...late)).toBeLessThan(seconds(30));
    expect(Math.abs((started.at(-1) ?? 0) - Date.parse(queueEmptyAt ?? ''))).toBeLessThan(seconds(30));
  });
});
