import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../infra/local/simulated-tenant/model/faults.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { CHECKPOINTS } from '../../../shared/use-cases/checkpoints.ts';
import { GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, custodyOf, runsOn, submits, taskOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const anna = device();

function nextSubmit(world: World, fault: Fault): void {
  world.tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip: 0, fault });
}

describe('a submit that took effect although its reply', () => {
  const faults: [string, Fault][] = [
    ['was lost', { kind: 'loseReply' }],
    ['was a 503', { kind: 'error', status: 503, message: '', afterEffect: true }],
    [
      'was a 500 with a code',
      { kind: 'error', status: 500, code: 'InternalServerError', message: '', afterEffect: true },
    ],
    ['was empty', { kind: 'emptyBody' }],
    ['was not JSON', { kind: 'garbledBody' }],
    ['came too late', { kind: 'delay', ms: 60_000 }],
  ];

  it.each(faults)('%s is adopted and never run twice', async (_, fault) => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, fault);
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'archived', attempts: 1 });
    expect(submits(world)).toHaveLength(1);
    expect(runsOn(world, anna)).toBe(1);
    expect(wrongs(world)).toEqual([]);
  });

  it('was lost is adopted also when lists show new actions late', async () => {
    const world = createWorld({ devices: [anna], switches: { readGapMs: seconds(45) } });
    nextSubmit(world, { kind: 'loseReply' });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect(runsOn(world, anna)).toBe(1);
    expect(submits(world)).toHaveLength(1);
  });

  it('was an error is adopted also when lists show the action late', async () => {
    const world = createWorld({ devices: [anna], switches: { readGapMs: seconds(45) } });
    nextSubmit(world, { kind: 'error', status: 503, message: '', afterEffect: true });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    expect(submits(world)).toHaveLength(1);
    expect(runsOn(world, anna)).toBe(1);
  });

  it.each([
    ['an error', { kind: 'error', status: 503, message: '' }, 60, 80],
    ['lost', { kind: 'reset' }, 90, 110],
  ] as const)('was %s, and made no action, is repeated once that is proven', async (_, fault, from, to) => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, fault);
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    const [first, second] = submits(world).map(({ at }) => at);
    const waited = ((second ?? 0) - (first ?? 0)) / 1000;
    expect(waited).toBeGreaterThanOrEqual(from);
    expect(waited).toBeLessThan(to);
  });

  it('was lost is told in the custody log as adopted', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'loseReply' });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    const told = (await custodyOf(world, collectionId)).map((e) => JSON.stringify(e));
    expect(told.some((e) => e.includes('adopted'))).toBe(true);
  });
});

describe('a submit that never took effect', () => {
  it('is sent again, but not before lists have had time to show an action', async () => {
    const world = createWorld({ devices: [anna] });
    nextSubmit(world, { kind: 'reset' });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    const [first, second] = submits(world).map((s) => s.at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(seconds(60));
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect(runsOn(world, anna)).toBe(1);
  });

  it.each(['dispatch.afterIntent', 'dispatch.beforeSubmit'] as const)(
    'because of a crash at %s is healed after the proof of absence, and run once',
    async (point) => {
      const world = createWorld({ devices: [anna] });
      world.crashAt(point);
      const collectionId = await world.ask({ devices: [anna] });
      await world.runUntilEnded(collectionId, { atMost: minutes(20) });
      const [first, ...others] = submits(world);
      expect(others).toEqual([]);
      expect((first?.at ?? 0) - START).toBeGreaterThanOrEqual(seconds(60));
      expect((await taskOf(world, collectionId)).state).toBe('archived');
    },
  );
});

describe('an action that lists and reads show late', () => {
  it('is followed to its end', async () => {
    const world = createWorld({ devices: [anna], switches: { readGapMs: minutes(2) } });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(15) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
    expect(submits(world)).toHaveLength(1);
  });
});

describe('a crash', () => {
  const fleet = devices(12);
  const request = {
    devices: fleet,
    commands: [RUN_SCRIPT, GET_FILE],
    callbackUrl: 'https://prod-1.logic.azure.com/hook',
    requestId: 'r-1',
  };
  const points = CHECKPOINTS.filter((point) => !point.startsWith('cancel.'));

  it.each(points.map((point) => [point]))(
    'at %s, again and again, loses nothing and runs nothing twice',
    async (point) => {
      const world = createWorld({ devices: fleet });
      world.crashAt(point, 3);
      const ask = () => world.ask(request);
      // Whoever gets no answer asks again.
      const collectionId = await ask().catch(ask).catch(ask).catch(ask);
      await world.runUntilEnded(collectionId, { atMost: hours(2) });
      expect(world.failures.some((f) => f.includes(point))).toBe(true);
      expect((await collectionOf(world, collectionId)).counts).toMatchObject({ total: 12, archived: 12 });
      expect(fleet.map((d) => runsOn(world, d))).toEqual(fleet.map(() => 1));
      expect(world.callbacks.sent.length).toBeGreaterThan(0);
      expect(new Set(world.callbacks.sent.map((s) => s.body.eventId)).size).toBe(1);
      expect(wrongs(world)).toEqual([]);
    },
  );
});
