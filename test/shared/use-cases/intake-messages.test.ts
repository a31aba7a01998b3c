import { describe, expect, it } from 'vitest';
import { days, hours, minutes, toIso } from '../../../shared/domain/time.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { takeInMessage } from '../../../shared/use-cases/take-in-message.ts';
import { RUN_SCRIPT, targetsOf } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf, custodyOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();
const POISON = 'collection-requests-poison';
const body = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  targets: targetsOf([anna]),
  commands: [RUN_SCRIPT],
  ...fields,
});

/** As the queue function hands a message over. @returns what was set aside for it, unchanged or not */
async function bring(world: World, text: string, messageId = 'm1'): Promise<string[]> {
  await takeInMessage(world.deps, { queue: 'collection-requests', messageId, text }, (defaultRequestId) => ({
    now: world.clock.now(),
    callbackHosts: [],
    loopbackAllowed: false,
    defaultRequestId,
  }));
  return world.state.queues.receive(POISON).map((m) => m.text);
}

/** Ids of collections that wait to be expanded. */
async function accepted(world: World): Promise<string[]> {
  const rows = await world.state.index.range('contoso|lists', { from: 'all|', to: 'all|~', top: 100 });
  return rows.value.map(({ key }) => key.split('|').at(-1) ?? '');
}

const whyOf = (world: World): unknown[] =>
  world.log.entries.filter((e) => e.event === 'intake.setAside').map((e) => e.fields);

describe('a message with a request', () => {
  it.each([
    ['as JSON', (json: string) => json],
    ['as base64 of it', (json: string) => Buffer.from(json).toString('base64')],
    ['as base64 between line breaks', (json: string) => `\n${Buffer.from(json).toString('base64')}\r\n`],
    ['with a byte order mark', (json: string) => `\uFEFF${json}`],
    ['as base64 with a byte order mark within', (json: string) => Buffer.from(`\uFEFF${json}`).toString('base64')],
  ])('%s becomes a collection of the queue', async (_, written) => {
    const world = createWorld({ devices: [anna] });
    expect(await bring(world, written(JSON.stringify(body())))).toEqual([]);
    const [collectionId = '', ...more] = await accepted(world);
    expect(more).toEqual([]);
    expect(await collectionOf(world, collectionId)).toMatchObject({
      requestId: 'm1',
      requestedBy: { kind: 'queue', messageId: 'm1' },
      createdAt: START,
    });
    expect((await custodyOf(world, collectionId))[0]).toMatchObject({ actor: 'queue:m1' });
  });

  it('that is delivered twice is one collection, and nothing is set aside', async () => {
    const world = createWorld({ devices: [anna] });
    const text = JSON.stringify(body());
    expect([...(await bring(world, text)), ...(await bring(world, text))]).toEqual([]);
    expect(await accepted(world)).toHaveLength(1);
    await bring(world, text, 'm2');
    expect(await accepted(world)).toHaveLength(2);
  });

  it('that comes again after its collection could have expired is still the same one', async () => {
    const world = createWorld({ devices: [anna] });
    const text = JSON.stringify(body({ expiresAt: toIso(START + minutes(5)) }));
    await bring(world, text);
    world.clock.moveTo(START + hours(1));
    expect(await bring(world, text)).toEqual([]);
    expect(await accepted(world)).toHaveLength(1);
  });
});

describe('a message that is no request', () => {
  it.each([
    ['of words', 'collect, please', /neither JSON nor base64/],
    ['of nothing', '', /neither JSON nor base64/],
    ['of JSON that asks for nothing', '{}', /./],
    [
      'that is already too late',
      JSON.stringify(body({ expiresAt: toIso(START - hours(1)) })),
      /expiresAt|past|later|request/i,
    ],
  ])('%s is set aside unchanged, and the log says why', async (_, text, why) => {
    const world = createWorld({ devices: [anna] });
    expect(await bring(world, text)).toEqual([text]);
    expect(await accepted(world)).toEqual([]);
    expect(whyOf(world)).toEqual([{ messageId: 'm1', why: expect.stringMatching(why) }]);
  });

  it('because its requestId means another request is set aside, and the first one stands', async () => {
    const world = createWorld({ devices: [anna] });
    await bring(world, JSON.stringify(body({ requestId: 'same' })), 'm1');
    const other = JSON.stringify(body({ requestId: 'same', comment: 'another' }));
    expect(await bring(world, other, 'm2')).toEqual([other]);
    expect(whyOf(world)).toEqual([{ messageId: 'm2', why: expect.stringContaining('requestId') }]);
    expect(await accepted(world)).toHaveLength(1);
  });

  it('because its requestId meant a collection whose state is not kept any more is set aside, with what became of that', async () => {
    const world = createWorld({ devices: [anna] });
    const text = JSON.stringify(body({ requestId: 'same' }));
    await bring(world, text);
    const [collectionId = ''] = await accepted(world);
    await world.runUntilEnded(collectionId, { atMost: hours(1) });
    await world.run(hours(1));
    world.clock.moveTo(world.clock.now() + days(91));
    await keepHouse(world.deps);
    expect(await bring(world, text, 'm2')).toEqual([text]);
    expect(await accepted(world)).toEqual([]);
    expect(whyOf(world)).toEqual([{ messageId: 'm2', why: expect.stringMatching(/used before\. .*manifest\.json/) }]);
  });
});
