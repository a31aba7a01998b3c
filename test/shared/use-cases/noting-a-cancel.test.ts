import { describe, expect, it } from 'vitest';
import type { RequestedBy } from '../../../shared/domain/collection.ts';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, custodyOf, taskOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const sleeper = device({ awake: 'never' });
const MARIA: RequestedBy = { kind: 'entra', id: '42' };

/** A collection whose only device sleeps: its action is pending, or, unless there is a slot, its task waits. */
async function open(sessions = 25): Promise<{ world: World; collectionId: string }> {
  const world = createWorld({ devices: [sleeper, ...devices(1)], settings: { sessions, sessionsReserved: 0 } });
  if (sessions === 1) await world.ask({ devices: devices(1) });
  await world.run(seconds(5));
  const collectionId = await world.ask({ devices: [sleeper] });
  await world.run(seconds(5));
  return { world, collectionId };
}

const wishes = async (world: World, collectionId: string) =>
  (await custodyOf(world, collectionId)).filter((e) => e.type === 'collection.cancelRequested');

describe('the wish to cancel', () => {
  it('is kept, and told in the record, with who wished it, when, and why', async () => {
    const { world, collectionId } = await open();
    const at = world.clock.now();
    await cancelCollection(world.deps, collectionId, { by: MARIA, comment: 'the wrong device' });
    const { cancel } = await collectionOf(world, collectionId);
    expect(cancel).toEqual({ at, by: MARIA, comment: 'the wrong device' });
    expect(await wishes(world, collectionId)).toMatchObject([
      { at, actor: 'entra:42', data: { comment: 'the wrong device' } },
    ]);
  });

  it('without a reason says none', async () => {
    const { world, collectionId } = await open();
    const shown = await cancelCollection(world.deps, collectionId, { by: MARIA });
    expect(shown?.cancel).not.toHaveProperty('comment');
    expect(await wishes(world, collectionId)).toHaveLength(1);
  });

  it('is that of the first who had it, however often it is repeated', async () => {
    const { world, collectionId } = await open();
    await cancelCollection(world.deps, collectionId, { by: MARIA, comment: 'first' });
    const { cancel } = await collectionOf(world, collectionId);
    await world.run(seconds(1));
    const again = await cancelCollection(world.deps, collectionId, { by: { kind: 'http' }, comment: 'second' });
    expect(again?.cancel).toEqual(cancel);
    expect(await wishes(world, collectionId)).toHaveLength(1);
  });

  it('about a collection that is not there changes nothing, and says so', async () => {
    const world = createWorld();
    expect(await cancelCollection(world.deps, 'nowhere', { by: MARIA })).toBeUndefined();
  });

  it('after the end costs one look at the collection, and shows it as it is', async () => {
    const { world, collectionId } = await open(1);
    await cancelCollection(world.deps, collectionId, { by: MARIA });
    const before = await collectionOf(world, collectionId);
    const calls = new Map(world.calls);
    expect(await cancelCollection(world.deps, collectionId, { by: MARIA })).toEqual(before);
    const made = [...world.calls].flatMap(([call, times]) => (calls.get(call) === times ? [] : [call]));
    expect(made).toEqual(['collections.header']);
  });
});

describe('the answer to a cancel', () => {
  it('shows what has ended by it already', async () => {
    const { world, collectionId } = await open(1);
    const shown = await cancelCollection(world.deps, collectionId, { by: MARIA });
    expect(shown).toMatchObject({
      counts: { cancelled: 1, queued: 0 },
      closing: { state: 'cancelled', outcome: 'none' },
    });
    expect(shown).toEqual(await collectionOf(world, collectionId));
  });

  it('does not call the end what Defender has yet to cancel', async () => {
    const { world, collectionId } = await open();
    const shown = await cancelCollection(world.deps, collectionId, { by: MARIA });
    expect(shown).toMatchObject({ counts: { pending: 1 }, cancel: { by: MARIA } });
    expect(shown).not.toHaveProperty('closing');
  });
});

describe('a collection that is being stopped', () => {
  it('is looked after a minute later, where a crash kept the wish from having any effect', async () => {
    const { world, collectionId } = await open(1);
    world.crashAt('cancel.afterHeader');
    const cancelling = world.call((deps) => cancelCollection(deps, collectionId, { by: MARIA }).then((c) => [c]));
    await expect(cancelling).rejects.toThrow('no answer');
    expect((await taskOf(world, collectionId)).state).toBe('queued');
    expect((await collectionOf(world, collectionId)).dueAt).toBe(world.clock.now() + minutes(1));
    await world.runUntilEnded(collectionId, { atMost: minutes(2) });
    expect((await taskOf(world, collectionId)).state).toBe('cancelled');
  });

  it('is looked after every minute until Defender’s cancel has taken effect', async () => {
    const { world, collectionId } = await open();
    await cancelCollection(world.deps, collectionId, { by: MARIA });
    expect((await collectionOf(world, collectionId)).dueAt).toBe(world.clock.now() + minutes(1));
  });
});
