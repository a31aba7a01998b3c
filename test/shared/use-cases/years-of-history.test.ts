import { beforeAll, describe, expect, it } from 'vitest';
import { type Collection, emptyCounts } from '../../../shared/domain/collection.ts';
import { listKey, listsPartition } from '../../../shared/domain/index-keys.ts';
import { days, type EpochMs, hours, minutes } from '../../../shared/domain/time.ts';
import { keepHouse } from '../../../shared/use-cases/keep-house.ts';
import { listCollections } from '../../../shared/use-cases/list-collections.ts';
import { dispatchHeartbeat, pollHeartbeat } from '../../../shared/use-cases/run-tick.ts';
import { callCounts } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const MANY = 50_000;
/** Collections that one run of housekeeping looks at. */
const PER_RUN = 5_000;

/** Collections that ended one hour after they were accepted, the first at `from`, one every `everyMs`. */
async function remember(world: World, count: number, from: EpochMs, everyMs: number): Promise<void> {
  const keys: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const collection = endedCollection(`c-${String(n).padStart(6, '0')}`, from + n * everyMs);
    const request = { targets: [], commands: [], priority: 'normal', expiresAt: '', given: [] } as const;
    await world.state.collections.create(collection, { ...request, targets: [], commands: [], given: [] }, [
      { at: collection.createdAt, type: 'collection.accepted', actor: 'holdfast', data: {} },
    ]);
    keys.push(listKey('all', collection), listKey('state|completed', collection));
  }
  await world.state.index.write(listsPartition('contoso'), { put: keys.sort().map((key) => ({ key })) });
}

function endedCollection(collectionId: string, createdAt: EpochMs): Collection {
  const at = createdAt + hours(1);
  return {
    collectionId,
    tenantId: 'contoso',
    requestedBy: { kind: 'http' },
    priority: 'normal',
    createdAt,
    updatedAt: at,
    expiresAt: createdAt + days(7),
    targets: 1,
    expandedTargets: 1,
    expanded: true,
    resolveFaults: 0,
    bodyDigest: 'd'.repeat(64),
    counts: { ...emptyCounts(), total: 1, archived: 1 },
    closing: { at, state: 'completed', outcome: 'complete' },
    ended: true,
    endedAt: at,
    nextSequence: 1,
  };
}

/** Storage calls of one piece of work, in the order given. */
async function costs(world: World): Promise<Record<string, number>> {
  const list = () => listCollections(world.deps, { state: 'completed', top: 50 });
  const works = { dispatchHeartbeat, pollHeartbeat, keepHouse, list };
  const counted: Record<string, number> = {};
  for (const [name, work] of Object.entries(works)) {
    const before = callCounts(world).storage;
    await work(world.deps);
    counted[name] = callCounts(world).storage - before;
  }
  return counted;
}

describe('fifty thousand collections that have ended', () => {
  const full = createWorld();
  beforeAll(() => remember(full, MANY, START - days(89), minutes(2)));

  it('make no tick, no list and no run of housekeeping cost more than a thousand do', async () => {
    const little = createWorld();
    await remember(little, 1_000, START - days(89), minutes(2));
    expect(await costs(full)).toEqual(await costs(little));
  });

  it('go in bounded runs once their time is over, at most twenty storage calls each', async () => {
    full.clock.moveTo(START + days(91));
    const before = callCounts(full).storage;
    const runs: number[] = [];
    for (let left = MANY; left > 0; left -= runs.at(-1) ?? left) {
      full.clock.moveTo(full.clock.now() + hours(1));
      runs.push((await keepHouse(full.deps))?.removed ?? 0);
    }
    expect(runs).toEqual(new Array(MANY / PER_RUN).fill(PER_RUN));
    expect((callCounts(full).storage - before) / MANY).toBeLessThanOrEqual(20);
    expect((await full.state.index.range('contoso|lists', { from: '0', to: '~', top: 10 })).value).toEqual([]);
  });

  it('cost nothing again while they are only remembered', async () => {
    const empty = createWorld();
    full.clock.moveTo(full.clock.now() + hours(1));
    const [then, now] = [await costs(empty), await costs(full)];
    expect(now).toEqual(then);
  });
});
