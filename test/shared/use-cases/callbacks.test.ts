import { describe, expect, it } from 'vitest';
import { days, hours, minutes, seconds } from '../../../shared/domain/time.ts';
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
});
