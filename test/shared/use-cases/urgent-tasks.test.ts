import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { device, devices } from '../../world/fleet.ts';
import { actionsOn, custodyOf, runsOn, secondsOf, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const ONE_SLOT = { sessions: 1, sessionsReserved: 0 };
const late = device({ computerDnsName: 'late.contoso.com' });
/** Begins after two minutes, so that it is pending for a while. */
const slow = device({ computerDnsName: 'slow.contoso.com', startDelayMs: minutes(2) });

const becomes = (world: World, id: string, state: string) =>
  world.runUntil(async () => (await tasksOf(world, id))[0]?.state === state, { atMost: minutes(20) });

/** The only slot is taken by a task of this priority, then an urgent one comes. */
async function urgentAfter(priority: string, taken: string) {
  const world = createWorld({ devices: [slow, late], settings: ONE_SLOT });
  const first = await world.ask({ devices: [slow], priority });
  await becomes(world, first, taken);
  const askedAt = secondsOf(world.clock.now());
  const urgent = await world.ask({ devices: [late], priority: 'urgent' });
  await world.runUntilEnded([first, urgent], { atMost: minutes(30) });
  const waitedS = secondsOf(submits(world, late)[0]?.at ?? Number.POSITIVE_INFINITY) - askedAt;
  return { world, first, urgent, waitedS };
}

describe('an urgent task', () => {
  it('takes the slot of an action in bulk that has not begun, within seconds, and that one keeps its turn', async () => {
    const { world, first, waitedS } = await urgentAfter('bulk', 'pending');
    expect(waitedS).toBeLessThanOrEqual(20);
    expect(actionsOn(world, slow).map((a) => a.timeline.ends)).toEqual(['Cancelled', 'Succeeded']);
    expect([runsOn(world, slow), runsOn(world, late)]).toEqual([1, 1]);
    expect((await taskOf(world, first)).state).toBe('archived');
    const closed = (await custodyOf(world, first)).find((e) => e.type === 'attempt.closed');
    expect(closed?.data).toMatchObject({ cause: 'yielded' });
    expect(wrongs(world)).toEqual([]);
  });

  it('waits for one that has begun, and for one that is not in bulk', async () => {
    for (const [priority, taken] of [
      ['bulk', 'running'],
      ['normal', 'pending'],
    ] as const) {
      const { world, waitedS } = await urgentAfter(priority, taken);
      expect(waitedS).toBeGreaterThan(60);
      expect(submits(world, slow)).toHaveLength(1);
      expect(wrongs(world)).toEqual([]);
    }
  });

  it('does not wait for the minute to pass: bulk leaves one submit of it', async () => {
    const bulk = devices(12);
    const world = createWorld({ devices: [...bulk, late] });
    await world.ask({ devices: bulk, priority: 'bulk' });
    await world.run(seconds(5));
    expect(submits(world)).toHaveLength(9);
    await world.ask({ devices: [late], priority: 'urgent' });
    await world.run(seconds(1));
    expect(submits(world, late)).toHaveLength(1);
    await world.run(minutes(2));
    expect(submits(world)).toHaveLength(13);
  });
});

describe('a slot that nobody needs', () => {
  const sleeper = device({ computerDnsName: 'sleeper.contoso.com', awake: { asleepForMs: minutes(60) } });

  it('holds a sleeper, which Defender starts the moment it wakes', async () => {
    const world = createWorld({ devices: [sleeper, late], settings: ONE_SLOT });
    const id = await world.ask({ devices: [sleeper] });
    const other = await world.ask({ devices: [late] });
    await world.runUntilEnded(other, { atMost: minutes(20) });
    await becomes(world, id, 'pending');
    await world.runUntilEnded(id, { atMost: minutes(60) });
    const [, held] = actionsOn(world, sleeper);
    expect(secondsOf(held?.timeline.startsAt ?? 0)).toBe(60 * 60 + 60);
    expect(runsOn(world, sleeper)).toBe(1);
  });

  it('is given to whoever comes, within seconds once the sleeper has had its probation', async () => {
    const world = createWorld({ devices: [sleeper, late], settings: ONE_SLOT });
    await world.ask({ devices: [sleeper] });
    await world.run(minutes(10));
    const askedAt = secondsOf(world.clock.now());
    await world.ask({ devices: [late] });
    await world.run(minutes(1));
    expect(secondsOf(submits(world, late)[0]?.at ?? 0) - askedAt).toBeLessThanOrEqual(20);
  });
});
