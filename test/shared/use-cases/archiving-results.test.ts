import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf, taskOf, wrongs } from '../../world/seen.ts';
import type { ResultChange } from '../../world/tenant-results.ts';
import { createWorld } from '../../world/world.ts';

const anna = device();

async function archived(
  change: (link: number, index: number) => ResultChange | undefined,
  commands: readonly object[] = [GET_FILE],
) {
  const world = createWorld({ devices: [anna] });
  world.results.change((result, link) => change(link, Number(result.index)));
  const collectionId = await world.ask({ devices: [anna], commands });
  await world.runUntilEnded(collectionId, { atMost: hours(2) });
  expect(wrongs(world)).toEqual([]);
  return { world, task: await taskOf(world, collectionId), collectionId };
}

describe('a result', () => {
  const healing: [string, ResultChange][] = [
    ['whose link has expired', { fault: { kind: 'linkRefused' } }],
    ['that is not there yet', { fault: { kind: 'notFound' } }],
    ['that arrives short', { announcedBytes: 1_000_000 }],
    ['whose source is out of order', { fault: { kind: 'unavailable', httpStatus: 503, message: '' } }],
    ['that changes while it is fetched', { fault: { kind: 'changed' } }],
  ];

  it.each(healing)('%s is fetched again with a fresh link each time', async (_, change) => {
    const { world, task } = await archived((link) => (link <= 4 ? change : undefined));
    expect(task.state).toBe('archived');
    const links = new Set(world.results.opened.map((o) => o.link));
    expect(links.size).toBe(5);
  });

  it.each([
    ['ResultNotAvailable', { fault: { kind: 'notFound' } }],
    ['ResultNotAvailable', { fault: { kind: 'linkRefused' } }],
    ['ResultDamaged', { announcedBytes: 1_000_000 }],
  ] as [string, ResultChange][])(
    'that never comes whole ends as %s after six to twelve tries',
    async (code, change) => {
      const { world, task } = await archived(() => change);
      expect(task).toMatchObject({ state: 'failed', failure: { code } });
      expect(task.commands[0]?.errors.length).toBeGreaterThan(0);
      const links = new Set(world.results.opened.map((o) => o.link)).size;
      expect(links).toBeGreaterThanOrEqual(6);
      expect(links).toBeLessThanOrEqual(12);
    },
  );

  it('whose link leads to a host that is not allowed is not fetched, and not asked for again', async () => {
    const { world, task } = await archived(() => ({ host: 'results.evil.example' }));
    expect(task).toMatchObject({ state: 'failed', failure: { code: 'ResultHostNotAllowed' } });
    expect(world.calls.get('defender.resultLink')).toBe(1);
  });

  it('that cannot be had leaves the others alone', async () => {
    const change = (_: number, index: number): ResultChange | undefined =>
      index === 1 ? { fault: { kind: 'notFound' } } : undefined;
    const { task } = await archived(change, [RUN_SCRIPT, GET_FILE]);
    expect(task.state).toBe('partial');
    expect(task.commands.map((c) => c.state)).toEqual(['archived', 'failed']);
  });

  it('for which Defender never gives a link ends as ResultNotAvailable', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    const down = { kind: 'error', status: 503 };
    world.tenant.setSwitches({ faultRates: [{ endpoint: 'getResultLink', probability: 1, fault: down }] });
    await world.runUntilEnded(collectionId, { atMost: hours(4) });
    expect(await taskOf(world, collectionId)).toMatchObject({ failure: { code: 'ResultNotAvailable' } });
  });

  it('for which Defender gives no link during an outage is archived afterwards', async () => {
    const world = createWorld({ devices: [anna] });
    const collectionId = await world.ask({ devices: [anna] });
    const down = { kind: 'error', status: 503 };
    world.tenant.setSwitches({ faultRates: [{ endpoint: 'getResultLink', probability: 1, fault: down }] });
    world.after(hours(1), () => world.tenant.setSwitches({ faultRates: [] }));
    await world.runUntilEnded(collectionId, { atMost: hours(2) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
  });

  it('is described by hash and size of what was stored and of what was inside', async () => {
    const { task, world } = await archived(() => undefined);
    const artifact = task.commands[0]?.artifact;
    expect(artifact).toMatchObject({ contentBytes: 20_000 });
    expect(artifact?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(world.evidence.names()).toContain(artifact?.blobName);
  });
});

describe('a lost message', () => {
  it.each([
    ['results', minutes(2)],
    ['ticks', minutes(3)],
    ['collections', minutes(2)],
  ] as const)('on %s costs a minute or two, and nothing else', async (queue, delay) => {
    const usual = createWorld({ devices: [anna] });
    await usual.runUntilEnded(await usual.ask({ devices: [anna] }), { atMost: minutes(10) });
    const world = createWorld({ devices: [anna] });
    world.lose(queue);
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect(world.clock.now() - usual.clock.now()).toBeLessThanOrEqual(delay);
  });

  it('is healed by heartbeats alone while messages keep vanishing', async () => {
    const world = createWorld({ devices: [anna] });
    for (const queue of ['results', 'ticks', 'collections'] as const) world.lose(queue, 3);
    const collectionId = await world.ask({ devices: [anna], commands: [RUN_SCRIPT, GET_FILE] });
    await world.runUntilEnded(collectionId, { atMost: minutes(20) });
    expect((await collectionOf(world, collectionId)).closing?.outcome).toBe('complete');
    expect(wrongs(world)).toEqual([]);
  });
});
