import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { dispatchHeartbeat, pollHeartbeat, runTick } from '../../../shared/use-cases/run-tick.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, submits, taskOf, tasksOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();

/** Accepted, and its message lost: only the heartbeat knows of it. */
async function forgotten(world: World, fields: Record<string, unknown> = {}): Promise<string> {
  world.lose('collections');
  const collectionId = await world.ask({ devices: [anna], ...fields });
  await world.run(1);
  return collectionId;
}
const dueAtOf = async (world: World, id: string): Promise<number> => (await collectionOf(world, id)).dueAt ?? 0;
const messages = (world: World) => world.state.queues.depth('collections');
const calls = (world: World, ...of: Parameters<World['calls']['get']>[0][]) =>
  of.map((call) => world.calls.get(call) ?? 0);

describe('a dispatch heartbeat', () => {
  it('takes up a collection whose message was lost, from the instant on at which it is due', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await forgotten(world);
    const dueAt = await dueAtOf(world, id);
    world.clock.moveTo(dueAt - 1);
    await dispatchHeartbeat(world.deps);
    expect((await collectionOf(world, id)).expanded).toBe(false);
    world.clock.moveTo(dueAt);
    await dispatchHeartbeat(world.deps);
    expect((await collectionOf(world, id)).expanded).toBe(true);
  });

  it('sends no message for a collection that is due soon for anything but its end', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await forgotten(world);
    await dispatchHeartbeat(world.deps);
    expect(await messages(world)).toBe(0);
    const header = await world.state.collections.header(id);
    if (!header) throw new Error('it was accepted');
    const expanded = { ...header.value, expanded: true };
    await world.state.collections.commit({ header: { ...header, value: expanded } });
    await dispatchHeartbeat(world.deps);
    expect(await messages(world)).toBe(0);
  });

  it('lets one that expires before the next heartbeat end in time', async () => {
    const world = createWorld({ devices: [anna] });
    const expiresAt = START + minutes(10);
    const id = await world.ask({ devices: [anna], expiresAt: toIso(expiresAt) });
    await world.run(seconds(5));
    world.clock.moveTo(expiresAt - minutes(1));
    await dispatchHeartbeat(world.deps);
    expect(await messages(world)).toBe(1);
    expect(world.state.queues.nextVisibleAt('collections')).toBe(expiresAt);
    const [message] = world.state.queues.receive('collections', expiresAt);
    const text = message?.text ?? '';
    expect(Buffer.from(text, text.startsWith('{') ? 'utf8' : 'base64').toString()).toContain(id);
  });

  it('sends none for one that expires soon and whose tasks are not written', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await forgotten(world, { expiresAt: toIso(START + seconds(60)) });
    expect(await dueAtOf(world, id)).toBe((await collectionOf(world, id)).expiresAt);
    await dispatchHeartbeat(world.deps);
    expect(await messages(world)).toBe(0);
  });

  it('passes over a row ahead of which nothing is known', async () => {
    const world = createWorld();
    await world.state.index.write('contoso|collections', { put: [{ key: `${START + seconds(30)}|nobody` }] });
    await dispatchHeartbeat(world.deps);
    expect(world.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
    expect(await messages(world)).toBe(0);
  });

  it('looks after all others when one collection cannot be read', async () => {
    const world = createWorld({ devices: [anna] });
    const [first, second] = [await forgotten(world), await forgotten(world, { comment: 'another' })];
    world.clock.moveTo(START + minutes(2));
    const { collections } = world.deps;
    const header: Deps['collections']['header'] = (id) =>
      id === first ? Promise.reject(new Error('damaged')) : collections.header(id);
    await dispatchHeartbeat({ ...world.deps, collections: { ...collections, header } });
    expect((await collectionOf(world, second)).expanded).toBe(true);
    expect(world.log.entries).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ collectionId: first }) }),
    );
  });

  it('costs two small reads while nothing is to be done', async () => {
    const world = createWorld();
    await dispatchHeartbeat(world.deps);
    expect([...world.calls]).toEqual([['index.range', 2]]);
  });

  it('starts what waits although no message came', async () => {
    const world = createWorld({ devices: [anna] });
    world.lose('ticks', 1);
    await world.ask({ devices: [anna] });
    await world.run(1);
    expect(submits(world)).toHaveLength(0);
    await dispatchHeartbeat(world.deps);
    expect(submits(world)).toHaveLength(1);
  });

  it('reads what waits once for its looks and its dispatch', async () => {
    const world = createWorld({ devices: devices(2), settings: { sessions: 1, sessionsReserved: 0 } });
    await world.ask({ devices: devices(2) });
    await world.run(seconds(1));
    const [before = 0] = calls(world, 'index.range');
    await dispatchHeartbeat(world.deps);
    expect((calls(world, 'index.range')[0] ?? 0) - before).toBe(2);
  });

  it('plans a poll for parked tasks alone: somebody may keep their devices busy', async () => {
    const world = createWorld({ devices: [{ ...anna, portalSession: true }] });
    const id = await world.ask({ devices: [anna] });
    await world.run(seconds(5));
    await world.runUntil(async () => (await taskOf(world, id)).state === 'parked', { atMost: minutes(2) });
    await world.run(minutes(1.5));
    world.state.queues.receive('ticks', START + hours(1));
    await dispatchHeartbeat(world.deps);
    const register = await world.state.registers.read<{ at?: number }>('contoso', 'tick-poll');
    expect(register?.value.at).toBeGreaterThanOrEqual(world.clock.now());
  });
});

describe('a poll heartbeat', () => {
  it('costs one read and the note that it was there, while nothing is open', async () => {
    const world = createWorld();
    await pollHeartbeat(world.deps);
    expect([...world.calls].sort()).toEqual([
      ['index.write', 1],
      ['work.load', 1],
    ]);
  });

  it('sees what is open although every message was lost', async () => {
    const world = createWorld({ devices: [anna] });
    const id = await world.ask({ devices: [anna] });
    await world.run(1);
    world.state.queues.receive('ticks', START + hours(1));
    world.clock.moveTo(START + minutes(5));
    await pollHeartbeat(world.deps);
    expect((await taskOf(world, id)).state).toBe('archiving');
  });
});

describe('a tick', () => {
  it('that is not planned any more does nothing', async () => {
    const world = createWorld({ devices: [anna] });
    world.lose('ticks', 1);
    await world.ask({ devices: [anna] });
    await world.run(1);
    await runTick(world.deps, { kind: 'dispatch', at: START - 1 });
    await runTick(world.deps, { kind: 'poll', at: START - 1 });
    expect(submits(world)).toHaveLength(0);
    expect(calls(world, 'defender.listActions')).toEqual([0]);
  });

  it('for a dispatch looks at no action, and one for a poll fills the slot that it finds free', async () => {
    const fleet = devices(2);
    const world = createWorld({ devices: fleet, settings: { sessions: 1, sessionsReserved: 0 } });
    const id = await world.ask({ devices: fleet });
    await world.run(seconds(1));
    world.state.queues.receive('ticks', START + hours(1));
    const planned = async (kind: 'dispatch' | 'poll') => {
      await world.state.registers.write(
        'contoso',
        `tick-${kind}`,
        { at: world.clock.now() },
        (await world.state.registers.read('contoso', `tick-${kind}`))?.etag,
      );
      await runTick(world.deps, { kind, at: world.clock.now() });
    };
    world.clock.moveTo(START + minutes(5));
    const [before = 0] = calls(world, 'defender.listActions');
    await planned('dispatch');
    expect(calls(world, 'defender.listActions')).toEqual([before]);
    expect(submits(world)).toHaveLength(1);
    await planned('poll');
    expect(submits(world)).toHaveLength(2);
    expect((await tasksOf(world, id)).map((t) => t.state).sort()).toEqual(['archiving', 'pending']);
  });
});
