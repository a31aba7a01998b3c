import { describe, expect, it } from 'vitest';
import { days, hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { sendCallback } from '../../../shared/use-cases/send-callback.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf, custodyOf } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

const anna = device();
const callbackUrl = 'https://prod-1.logic.azure.com/workflows/1/hook?sig=secret';

async function ended(...answers: (number | undefined)[]) {
  const world = createWorld({ devices: [anna] });
  world.callbacks.answerWith(...answers);
  const collectionId = await world.ask({ devices: [anna], callbackUrl });
  await world.runUntil(async () => (await collectionOf(world, collectionId)).ended, { atMost: minutes(10) });
  return { world, collectionId };
}

describe('a callback', () => {
  it('tells the end once, after the manifest is stored', async () => {
    const { world, collectionId } = await ended();
    await world.run(days(2));
    expect(world.callbacks.sent).toMatchObject([{ url: callbackUrl, body: { id: collectionId, status: 'Succeeded' } }]);
    const custody = await custodyOf(world, collectionId);
    const places = ['manifest.stored', 'callback.delivered'].map((type) => custody.findIndex((e) => e.type === type));
    expect(places[0]).toBeGreaterThanOrEqual(0);
    expect(places[1]).toBeGreaterThan(places[0] ?? 0);
  });

  it('is repeated with the same eventId, the first two times within 90 s, until it is taken', async () => {
    const { world, collectionId } = await ended(500, undefined, 429, 408, 302, 204);
    await world.runUntilEnded(collectionId, { atMost: hours(2) });
    const { sent } = world.callbacks;
    expect(sent).toHaveLength(6);
    expect(new Set(sent.map((s) => s.body.eventId)).size).toBe(1);
    expect((sent[2]?.at ?? 0) - (sent[0]?.at ?? 0)).toBeLessThanOrEqual(seconds(90));
    expect((await collectionOf(world, collectionId)).callback?.status).toBe('delivered');
  });

  it('that is refused is given up, and that is recorded', async () => {
    const { world, collectionId } = await ended(404);
    await world.run(days(2));
    expect(world.callbacks.sent).toHaveLength(1);
    expect((await custodyOf(world, collectionId)).some((e) => e.type === 'callback.givenUp')).toBe(true);
  });

  it('that nobody takes is given up after a day of growing waits', async () => {
    const { world, collectionId } = await ended(...new Array<number>(500).fill(503));
    await world.runUntilEnded(collectionId, { atMost: days(2) });
    const { sent } = world.callbacks;
    expect((await collectionOf(world, collectionId)).callback?.status).toBe('givenUp');
    const lasted = (sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0);
    expect(lasted).toBeGreaterThanOrEqual(hours(23));
    expect(lasted).toBeLessThanOrEqual(hours(25.5));
    expect(sent.length).toBeLessThan(50);
  });

  it('is sent although its message is lost', async () => {
    const world = createWorld({ devices: [anna] });
    world.callbacks.answerWith(503);
    const collectionId = await world.ask({ devices: [anna], callbackUrl });
    await world.runUntil(() => world.callbacks.sent.length === 1, { atMost: minutes(10) });
    world.lose('collections');
    await world.runUntilEnded(collectionId, { atMost: minutes(3) });
    expect(world.callbacks.sent).toHaveLength(2);
  });

  it('holds its address in no log and no custody event', async () => {
    const { world, collectionId } = await ended(503);
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    const everything = JSON.stringify([world.log.entries, await custodyOf(world, collectionId)]);
    expect(everything).not.toContain('sig=secret');
    expect(everything).not.toContain('logic.azure.com');
  });

  it('tells what the operation would answer, and is noted with the answer that it got', async () => {
    const { world, collectionId } = await ended(200);
    const [sent] = world.callbacks.sent;
    expect(sent?.body).toMatchObject({
      eventId: (await collectionOf(world, collectionId)).callback?.eventId,
      id: collectionId,
      status: 'Succeeded',
      outcome: 'complete',
      result: { collectionId, tasks: [{ state: 'archived' }] },
    });
    const header = await collectionOf(world, collectionId);
    expect(header.callback).toMatchObject({ status: 'delivered', tries: 1, lastHttpStatus: 200 });
    expect(header.callback).not.toHaveProperty('nextAt');
    expect(header).not.toHaveProperty('dueAt');
    expect((await custodyOf(world, collectionId)).at(-1)).toMatchObject({
      at: world.clock.now(),
      type: 'callback.delivered',
      actor: 'holdfast',
      data: { eventId: sent?.body.eventId, tries: 1, httpStatus: 200 },
    });
    expect(world.log.entries.at(-1)).toMatchObject({
      event: 'callback.sent',
      fields: { collectionId, httpStatus: 200, tries: 1 },
    });
  });

  it.each([
    [200, 'delivered'],
    [299, 'delivered'],
    [199, 'waiting'],
    [300, 'waiting'],
    [399, 'waiting'],
    [400, 'givenUp'],
    [499, 'givenUp'],
    [500, 'waiting'],
    [408, 'waiting'],
    [429, 'waiting'],
    [undefined, 'waiting'],
  ] as const)('that is answered with %s is %s', async (httpStatus, status) => {
    const { world, collectionId } = await ended(httpStatus);
    const { callback, dueAt } = await collectionOf(world, collectionId);
    expect(callback).toMatchObject({ status, tries: 1 });
    expect(callback?.lastHttpStatus).toBe(httpStatus);
    if (status !== 'waiting') return;
    expect(callback?.nextAt).toBe(dueAt);
    expect(world.state.queues.nextVisibleAt('collections')).toBeGreaterThanOrEqual(dueAt ?? Number.NaN);
  });

  it('is sent by one instance at a time: another one waits 45 s before it takes over', async () => {
    const { world, collectionId } = await ended(503);
    const waiting = async () => collectionOf(world, collectionId);
    world.clock.moveTo(((await waiting()).callback?.nextAt ?? 0) - 1);
    await sendCallback(world.deps, await waiting());
    expect(world.callbacks.sent).toHaveLength(1);
    world.clock.moveTo(world.clock.now() + 1);
    const during: (number | undefined)[] = [];
    const post: typeof world.deps.callbacks.post = async () => {
      during.push((await waiting()).callback?.nextAt, (await waiting()).dueAt);
      await sendCallback(world.deps, await waiting());
      return { httpStatus: 503 };
    };
    await sendCallback({ ...world.deps, callbacks: { post } }, await waiting());
    expect(during).toEqual([world.clock.now() + seconds(45), world.clock.now() + seconds(45)]);
    expect(world.callbacks.sent).toHaveLength(1);
  });

  it('whose answer comes after another try began does not count for that one', async () => {
    const { world, collectionId } = await ended(503);
    const waiting = async () => collectionOf(world, collectionId);
    world.clock.moveTo((await waiting()).callback?.nextAt ?? 0);
    const late: typeof world.deps.callbacks.post = async () => {
      world.clock.moveTo(world.clock.now() + seconds(45));
      world.callbacks.answerWith(500);
      await sendCallback(world.deps, await waiting());
      return { httpStatus: 404 };
    };
    await sendCallback({ ...world.deps, callbacks: { post: late } }, await waiting());
    expect((await waiting()).callback).toMatchObject({ status: 'waiting', tries: 3, lastHttpStatus: 500 });
  });

  it('that was not taken comes again by a message of its own collection, at the very time that is noted', async () => {
    const { world, collectionId } = await ended(503);
    const { dueAt = Number.NaN } = await collectionOf(world, collectionId);
    const { queues } = world.state;
    // a message is delayed by whole seconds
    expect(queues.nextVisibleAt('collections')).toBeLessThan(dueAt + seconds(1));
    const messages = queues.receive('collections', dueAt + seconds(1)).map(({ text }) => JSON.parse(text));
    expect(messages).toEqual([{ collectionId }]);
  });

  it('that was taken brings no further message', async () => {
    const { world } = await ended(200);
    expect(world.state.queues.nextVisibleAt('collections')).toBeUndefined();
  });

  it('is recorded as delivered once, also where storage noted it without saying so', async () => {
    const { world, collectionId } = await ended(503);
    world.clock.moveTo((await collectionOf(world, collectionId)).dueAt ?? Number.NaN);
    const { collections } = world.deps;
    let silent = false;
    const commit: typeof collections.commit = async (change) => {
      const written = await collections.commit(change);
      if (silent || !change.events?.length) return written;
      silent = true;
      return 'conflict';
    };
    await sendCallback(
      { ...world.deps, collections: { ...collections, commit } },
      await collectionOf(world, collectionId),
    );
    expect(silent).toBe(true);
    const delivered = (await custodyOf(world, collectionId)).filter((e) => e.type === 'callback.delivered');
    expect(delivered).toHaveLength(1);
  });

  it('that is answered when the collection has been removed is noted nowhere', async () => {
    const { world, collectionId } = await ended(503);
    const header = await collectionOf(world, collectionId);
    world.clock.moveTo(header.dueAt ?? Number.NaN);
    const { collections } = world.deps;
    let removed = false;
    const gone = { ...collections, header: async (id: string) => (removed ? undefined : collections.header(id)) };
    const post: typeof world.deps.callbacks.post = async () => {
      removed = true;
      return { httpStatus: 503 };
    };
    world.state.queues.receive('collections', world.clock.now() + minutes(5));
    await sendCallback({ ...world.deps, collections: gone, callbacks: { post } }, header);
    expect(removed).toBe(true);
    expect(await world.state.queues.depth('collections')).toBe(0);
  });

  it('is not asked for before the end', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna], callbackUrl });
    await sendCallback(world.deps, await collectionOf(world, collectionId));
    expect(world.callbacks.sent).toEqual([]);
  });

  it('cannot be made up where the request is lost', async () => {
    const { world, collectionId } = await ended(503);
    world.clock.moveTo(world.clock.now() + minutes(5));
    const collections = { ...world.deps.collections, request: async () => undefined };
    const sending = sendCallback({ ...world.deps, collections }, await collectionOf(world, collectionId));
    await expect(sending).rejects.toThrow('lost its request');
  });
});
