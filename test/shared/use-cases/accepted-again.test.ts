import { describe, expect, it } from 'vitest';
import { parseCollectionRequest } from '../../../shared/contracts/collection-request.ts';
import type { RequestedBy } from '../../../shared/domain/collection.ts';
import { minutes, seconds, toIso } from '../../../shared/domain/time.ts';
import { findRepetition } from '../../../shared/use-cases/accept-collection.ts';
import { listCollections } from '../../../shared/use-cases/list-collections.ts';
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

  it('is in all lists once it is expanded, though nobody repeats it', async () => {
    const world = createWorld({ devices: [anna] });
    const lists = 'contoso|lists';
    const { index } = world.deps;
    const write: typeof index.write = async (partition, rows) =>
      partition === lists ? Promise.reject(new Error('503 ServerBusy')) : index.write(partition, rows);
    const ask = { devices: [anna], caseId: 'INC-7' };
    await expect(askFor({ ...world.deps, index: { ...index, write } }, ask)).rejects.toThrow('503');
    await world.run(minutes(2));
    for (const filter of [{}, { caseId: 'INC-7' }, { state: 'running' as const }])
      expect((await listCollections(world.deps, { ...filter, top: 10 })).value).toHaveLength(1);
  });
});

describe('a request that is repeated', () => {
  it('brings no message while its device runs', async () => {
    const world = createWorld({ devices: [anna] });
    const ask = { devices: [anna], requestId: 'r1' };
    const id = await world.ask(ask);
    await world.run(seconds(5));
    expect(await collectionOf(world, id)).toMatchObject({ expanded: true, ended: false });
    expect(await world.ask(ask)).toBe(id);
    expect(await world.state.queues.depth('collections')).toBe(0);
  });

  it('finds the collection that an earlier version accepted: its id does not change', async () => {
    const ids: string[] = [];
    for (const by of [{ kind: 'http' }, { kind: 'entra', id: 'anna' }, { kind: 'entra' }] satisfies RequestedBy[])
      ids.push(await createWorld().ask({ devices: [anna], requestId: 'r1', by }));
    expect(ids).toEqual([
      '60fda9ab-08b8-8295-bb2c-4dea2ad14b19',
      '1545ecd2-a50e-8901-9977-64fafd4c9a83',
      '3b2849f9-a358-8b30-b05d-23df491d14d1',
    ]);
  });
});
