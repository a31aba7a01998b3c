import { describe, expect, it } from 'vitest';
import type { SubmitGuard } from '../../../shared/domain/attempt.ts';
import { minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { readHealth } from '../../../shared/use-cases/read-health.ts';
import { createWorld, START, type World } from '../../world/world.ts';

async function guarded(fields: Partial<SubmitGuard>): Promise<World> {
  const world = createWorld();
  const { guard } = await world.state.work.load('contoso');
  await world.state.work.commit('contoso', { guard: { ...guard, value: { ...guard.value, ...fields } } });
  return world;
}

describe('the health of Holdfast', () => {
  it('is well before anything has happened', async () => {
    const world = createWorld();
    expect(await readHealth(world.deps)).toEqual({
      status: 'ok',
      version: world.deps.settings.software.version,
      storage: 'ok',
      evidence: 'ok',
      defender: 'ok',
      poison: 0,
      oldestHeartbeat: null,
    });
  });

  it('tells apart that evidence cannot be stored', async () => {
    const { deps } = createWorld();
    const away = { ...deps, canStore: async () => false };
    expect(await readHealth(away)).toMatchObject({ status: 'ok', storage: 'ok', evidence: 'unavailable' });
  });

  it('names the heartbeat that is longest ago', async () => {
    const world = createWorld();
    await world.run(minutes(3));
    const heard = (await readHealth(world.deps))?.oldestHeartbeat ?? '';
    expect(Date.parse(heard)).toBeGreaterThan(world.clock.now() - minutes(2));
    const put = [
      { key: 'dispatch', value: { at: START + 1 } },
      { key: 'poll', value: { at: START + 2 } },
    ];
    await world.state.index.write('contoso|heartbeats', { put });
    expect((await readHealth(world.deps))?.oldestHeartbeat).toBe(toIso(START + 1));
  });

  it('counts what could not be worked off, on every queue', async () => {
    const world = createWorld();
    for (const queue of ['collection-requests', 'collections', 'results', 'ticks', 'ticks'])
      await world.state.queues.sendText(queue, '{}');
    expect((await readHealth(world.deps))?.poison).toBe(5);
  });

  it.each([
    ['ok', 'no refusal', { refusals: 0, pauseReason: 'DefenderUnavailable', pausedUntil: START + 1 }],
    ['unavailable', 'an outage', { refusals: 1, pauseReason: 'DefenderUnavailable', pausedUntil: START + 1 }],
    ['unavailable', 'an outage whose pause is over', { refusals: 1, pauseReason: 'DefenderUnavailable' }],
    ['throttled', 'a pause for its rate', { refusals: 2, pauseReason: 'SubmitRate', pausedUntil: START + 1 }],
    ['ok', 'a pause that is just over', { refusals: 2, pauseReason: 'SubmitRate', pausedUntil: START }],
    ['ok', 'a refusal without a pause', { refusals: 2, pauseReason: 'NoSlot' }],
  ] as const)('calls Defender %s after %s', async (state, _, guard) => {
    expect((await readHealth((await guarded(guard)).deps))?.defender).toBe(state);
  });

  it('is not known where the state cannot be reached, and the log says why', async () => {
    const world = createWorld();
    const work = { ...world.deps.work, load: () => Promise.reject(new Error('503 ServerBusy')) };
    expect(await readHealth({ ...world.deps, work })).toBeUndefined();
    expect(world.log.entries.at(-1)).toMatchObject({
      event: 'health.storageUnreachable',
      fields: { error: expect.stringContaining('503 ServerBusy') },
    });
  });

  it('asks Defender nothing', async () => {
    const world = createWorld();
    await world.run(seconds(5));
    await world.call(async (deps) => (await readHealth(deps)) ?? 'none');
    expect([...world.calls.keys()].filter((call) => call.startsWith('defender.'))).toEqual([]);
  });
});
