import { describe, expect, it } from 'vitest';
import { parseCollectionRequest } from '../../../shared/contracts/collection-request.ts';
import { minutes, toIso } from '../../../shared/domain/time.ts';
import { findRepetition } from '../../../shared/use-cases/accept-collection.ts';
import { askFor, RUN_SCRIPT, targetsOf } from '../../world/asking.ts';
import { device } from '../../world/fleet.ts';
import { collectionOf } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();

/** The same request once more, after its time: what the HTTP function does with it. */
async function repeatTooLate(world: World, fields: Record<string, unknown>): Promise<string | undefined> {
  const body = { targets: targetsOf([anna]), commands: [RUN_SCRIPT], ...fields };
  const rules = { now: world.clock.now(), callbackHosts: [], loopbackAllowed: false };
  const parsed = parseCollectionRequest(body, rules);
  if (parsed.ok || !parsed.asRepetition) throw new Error('the request is not late');
  const found = await findRepetition(world.deps, { ...parsed.asRepetition, requestedBy: { kind: 'http' } });
  return found?.kind === 'accepted' ? found.collection.collectionId : undefined;
}

describe('a request whose acceptance was cut off', () => {
  it('ends once it is repeated, also when it has expired meanwhile', async () => {
    const world = createWorld({ devices: [anna] });
    const fields = { requestId: 'cut-off', expiresAt: toIso(world.clock.now() + minutes(2)) };
    const index = { ...world.deps.index, write: () => Promise.reject(new Error('503 ServerBusy')) };
    await expect(askFor({ ...world.deps, index }, { devices: [anna], ...fields })).rejects.toThrow('503');
    await world.run(minutes(3));
    const collectionId = await repeatTooLate(world, fields);
    await world.runUntilEnded(String(collectionId), { atMost: minutes(5) });
    expect((await collectionOf(world, String(collectionId))).closing?.state).toBe('expired');
  });
});
