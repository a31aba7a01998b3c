import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../shared/domain/time.ts';
import { claimTurn } from '../../../shared/use-cases/claim-turn.ts';
import { takeUpTick, wake, wakeDispatch, wakePoll } from '../../../shared/use-cases/wake.ts';
import { createWorld, START, type World } from '../../world/world.ts';

/** Ticks on their way: when they arrive after START, in ms, and what they say. */
function ticks(world: World): { kind: unknown; at: number }[] {
  return world.state.queues.receive('ticks', START + minutes(10)).map(({ text }) => {
    const { kind, at } = JSON.parse(Buffer.from(text, text.startsWith('{') ? 'utf8' : 'base64').toString());
    return { kind, at: at - START };
  });
}

describe('a planned tick', () => {
  it('comes at its time, one for each kind', async () => {
    const world = createWorld();
    await wake(world.deps, 'poll', START + seconds(5));
    await wake(world.deps, 'dispatch', START + seconds(7));
    expect(world.state.queues.nextVisibleAt('ticks')).toBe(START + seconds(5));
    expect(ticks(world)).toEqual([
      { kind: 'poll', at: 5_000 },
      { kind: 'dispatch', at: 7_000 },
    ]);
  });

  it('serves all who ask for the same time or a later one', async () => {
    const world = createWorld();
    await wake(world.deps, 'poll', START + seconds(5));
    await wake(world.deps, 'poll', START + seconds(5));
    await wake(world.deps, 'poll', START + seconds(20));
    expect(ticks(world)).toHaveLength(1);
  });

  it('is planned anew by whoever needs it earlier, and the later message counts no more', async () => {
    const world = createWorld();
    await wake(world.deps, 'poll', START + seconds(20));
    await wake(world.deps, 'poll', START + seconds(5));
    expect(ticks(world).map((t) => t.at)).toEqual([20_000, 5_000]);
    expect(await takeUpTick(world.deps, { kind: 'poll', at: START + seconds(20) })).toBe(false);
    expect(await takeUpTick(world.deps, { kind: 'poll', at: START + seconds(5) })).toBe(true);
  });

  it('whose time is over comes at once', async () => {
    const world = createWorld();
    await wake(world.deps, 'poll', START - minutes(3));
    expect(ticks(world)).toEqual([{ kind: 'poll', at: 0 }]);
  });

  it('that is a minute away is planned, one further away is left to the heartbeats', async () => {
    const world = createWorld();
    await wake(world.deps, 'poll', START + minutes(1) + 1);
    expect(ticks(world)).toEqual([]);
    await wake(world.deps, 'poll', START + minutes(1));
    expect(ticks(world)).toHaveLength(1);
  });

  it('that has not come for ten seconds counts as lost', async () => {
    const world = createWorld();
    await wakeDispatch(world.deps);
    world.clock.moveTo(START + seconds(10) - 1);
    await wakeDispatch(world.deps);
    expect(ticks(world)).toHaveLength(1);
    world.clock.moveTo(START + seconds(10));
    await wakeDispatch(world.deps);
    expect(ticks(world)).toEqual([{ kind: 'dispatch', at: 10_000 }]);
  });

  it('is taken up once, and can be planned again from then on', async () => {
    const world = createWorld();
    await wakePoll(world.deps, seconds(5));
    const message = { kind: 'poll', at: START + seconds(5) } as const;
    expect(await takeUpTick(world.deps, { ...message, kind: 'dispatch' })).toBe(false);
    const both = await Promise.all([takeUpTick(world.deps, message), takeUpTick(world.deps, message)]);
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await takeUpTick(world.deps, message)).toBe(false);
    await wakePoll(world.deps, seconds(5));
    expect(ticks(world)).toHaveLength(2);
  });

  it('is left to whoever planned one at the same moment', async () => {
    const world = createWorld();
    await Promise.all([wakePoll(world.deps), wakePoll(world.deps)]);
    expect(ticks(world)).toHaveLength(1);
  });
});

describe('a turn', () => {
  it('is given to one instance at a time, not more often than agreed', async () => {
    const world = createWorld();
    const turn = () => claimTurn(world.deps, 'look', seconds(30));
    expect((await Promise.all([turn(), turn()])).filter(Boolean)).toHaveLength(1);
    world.clock.moveTo(START + seconds(30) - 1);
    expect(await turn()).toBe(false);
    expect(await claimTurn(world.deps, 'another', seconds(30))).toBe(true);
    world.clock.moveTo(START + seconds(30));
    expect(await turn()).toBe(true);
  });

  it('is not lost to an instance whose clock was ahead', async () => {
    const world = createWorld();
    await world.deps.registers.write('contoso', 'look', { at: START + 1 });
    expect(await claimTurn(world.deps, 'look', seconds(30))).toBe(true);
    expect(await claimTurn(world.deps, 'look', seconds(30))).toBe(false);
  });
});
