import { describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../../../shared/adapters/storage/migrations.ts';
import { type TableName, tableName } from '../../../../shared/adapters/storage/storage-names.ts';
import type { Attempt } from '../../../../shared/domain/attempt.ts';
import type { Task } from '../../../../shared/domain/task.ts';
import { minutes } from '../../../../shared/domain/time.ts';
import type { QueueName } from '../../../../shared/ports.ts';
import { advanceCollection } from '../../../../shared/use-cases/advance-collection.ts';
import { archiveResult, type ResultMessage } from '../../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../../shared/use-cases/deps.ts';
import { dispatchHeartbeat, pollHeartbeat } from '../../../../shared/use-cases/run-tick.ts';
import { cancelCollection } from '../../../../shared/use-cases/stop-collection.ts';
import { openAzuriteState } from '../../../contracts/azurite-state.ts';
import { device } from '../../../world/fleet.ts';
import { createWorld, type World } from '../../../world/world.ts';
import collections1 from './rows-of-version-1/collections.json' with { type: 'json' };
import index1 from './rows-of-version-1/index.json' with { type: 'json' };
import registers1 from './rows-of-version-1/registers.json' with { type: 'json' };
import work1 from './rows-of-version-1/work.json' with { type: 'json' };
import collections2 from './rows-of-version-2/collections.json' with { type: 'json' };
import index2 from './rows-of-version-2/index.json' with { type: 'json' };
import registers2 from './rows-of-version-2/registers.json' with { type: 'json' };
import work2 from './rows-of-version-2/work.json' with { type: 'json' };
import collections3 from './rows-of-version-3/collections.json' with { type: 'json' };
import index3 from './rows-of-version-3/index.json' with { type: 'json' };
import registers3 from './rows-of-version-3/registers.json' with { type: 'json' };
import work3 from './rows-of-version-3/work.json' with { type: 'json' };
import collections4 from './rows-of-version-4/collections.json' with { type: 'json' };
import index4 from './rows-of-version-4/index.json' with { type: 'json' };
import registers4 from './rows-of-version-4/registers.json' with { type: 'json' };
import work4 from './rows-of-version-4/work.json' with { type: 'json' };

type Row = { partitionKey: string; rowKey: string; schemaVersion: number; json0?: string };

/** As earlier versions wrote them; nobody changes these files. */
interface Version {
  version: number;
  rows: Record<TableName, Row[]>;
  /** A collection that was half way, and one that had ended. */
  open: string;
  completed: string;
  /** When the rows were taken. */
  storedAt: number;
}
const VERSIONS: Version[] = [
  {
    version: 1,
    rows: { collections: collections1, work: work1, index: index1, registers: registers1 },
    open: '15eff3c5-1085-8963-8750-523d12ef426e',
    completed: '9ffa5ef7-fedc-8610-8ef3-513fa1eca568',
    storedAt: Date.parse('2026-03-02T08:04:02Z'),
  },
  {
    version: 2,
    rows: { collections: collections2, work: work2, index: index2, registers: registers2 },
    open: '26ccd13a-9f7c-8690-bbfa-c6de959f6826',
    completed: 'f41954bd-bca7-8fd1-a1e6-77cf66c5e321',
    storedAt: Date.parse('2026-03-02T08:04:47Z'),
  },
  {
    version: 3,
    rows: { collections: collections3, work: work3, index: index3, registers: registers3 },
    open: '26ccd13a-9f7c-8690-bbfa-c6de959f6826',
    completed: 'fe3d4027-252a-881b-b959-9c6485e2ff22',
    storedAt: Date.parse('2026-03-02T08:04:42Z'),
  },
  {
    version: 4,
    rows: { collections: collections4, work: work4, index: index4, registers: registers4 },
    open: '26ccd13a-9f7c-8690-bbfa-c6de959f6826',
    completed: 'f41954bd-bca7-8fd1-a1e6-77cf66c5e321',
    storedAt: Date.parse('2026-03-02T08:07:07Z'),
  },
];
const NAMES = ['anna', 'ben', 'cleo', 'dora', 'emil'];

/** @param renamed other ids for those in the rows */
async function stateOf({ rows: all }: Version, renamed: ReadonlyMap<string, string> = new Map()) {
  const { clients, names, state } = await openAzuriteState();
  for (const [name, rows] of Object.entries(all)) {
    const table = clients.table(tableName(name as TableName, names));
    for (const row of rows) await table.createEntity(withIds(row, renamed));
  }
  const versionOf = async (partition: string, row: string) =>
    (await clients.table(tableName('collections', names)).getEntity(partition, row)).schemaVersion;
  return { state, clients, names, versionOf };
}

function withIds<T>(row: T, renamed: ReadonlyMap<string, string>): T {
  const text = [...renamed].reduce((all, [from, to]) => all.replaceAll(from, to), JSON.stringify(row));
  return JSON.parse(text) as T;
}

const jsonOf = (row: { json0?: string }): unknown => JSON.parse(row.json0 ?? 'null');

describe.each(VERSIONS)('rows of version $version', (of) => {
  const { open: OPEN, completed: COMPLETED, storedAt: STORED_AT, rows } = of;
  const { collections, work, index, registers } = rows;

  it('are read, all kinds of them', async () => {
    const { state } = await stateOf(of);
    for (const collectionId of new Set(collections.map((row) => row.partitionKey))) {
      const mine = collections.filter((row) => row.partitionKey === collectionId);
      const kept = (kind: string) => mine.filter((row) => row.rowKey.startsWith(kind)).map(jsonOf);
      expect([await state.collections.request(collectionId)]).toEqual(kept('r'));
      expect((await state.collections.tasks(collectionId, { top: 100 })).value).toEqual(kept('t|'));
      expect((await state.collections.custody(collectionId, { top: 100 })).value).toEqual(kept('c|'));
      expect([(await state.collections.header(collectionId))?.value]).toMatchObject(kept('h'));
    }
    const { guard, attempts, jobs } = await state.work.load('contoso');
    expect([guard, ...attempts, ...jobs].map((row) => row.value)).toEqual(work.map(jsonOf));
    for (const row of index) {
      const { value } = await state.index.range(row.partitionKey, { from: row.rowKey, to: `${row.rowKey}~`, top: 2 });
      expect(value).toEqual([{ key: row.rowKey, ...(row.json0 === undefined ? {} : { value: jsonOf(row) }) }]);
    }
    for (const row of registers)
      expect((await state.registers.read('contoso', row.rowKey))?.value).toEqual(jsonOf(row));
  });

  it('tell of an ended collection when it ended, which rows of the first version did not say', async () => {
    const { state } = await stateOf(of);
    const ended = (await state.collections.header(COMPLETED))?.value;
    expect(ended?.endedAt).toBeGreaterThanOrEqual(ended?.closing?.at ?? Number.NaN);
    expect((await state.collections.header(OPEN))?.value.endedAt).toBeUndefined();
  });

  it('stay as they are until their next change, which writes them in the shape of today', async () => {
    const { state, versionOf } = await stateOf(of);
    const header = await state.collections.header(OPEN);
    expect(await versionOf(OPEN, 'h')).toBe(of.version);
    if (header) await state.collections.commit({ header });
    expect(await versionOf(OPEN, 'h')).toBe(SCHEMA_VERSION);
  });

  it('of a newer version are neither read nor changed, and the error says what to do', async () => {
    const { state, clients, names } = await stateOf(of);
    const table = clients.table(tableName('collections', names));
    const newer = { ...(await table.getEntity(OPEN, 'h')), schemaVersion: SCHEMA_VERSION + 1 };
    await table.updateEntity({ ...newer, partitionKey: OPEN, rowKey: 'h' }, 'Replace');
    const { etag } = await table.getEntity(OPEN, 'h');
    const deps: Deps = { ...createWorld().deps, ...state };
    await expect(advanceCollection(deps, OPEN)).rejects.toThrow('a newer Holdfast wrote it, update this one');
    await expect(cancelCollection(deps, OPEN, { by: { kind: 'http' } })).rejects.toThrow('update this one');
    expect((await table.getEntity(OPEN, 'h')).etag).toBe(etag);
  });

  it('are enough to bring a collection that was half way to its end', async () => {
    const world = createWorld({ devices: NAMES.map((name) => device({ computerDnsName: `${name}.contoso.com` })) });
    const renamed = await actionsOf(of, world);
    const { state } = await stateOf(of, renamed);
    world.clock.moveTo(STORED_AT);
    await bringToItsEnd(world, { ...world.deps, ...state }, OPEN);

    const { value } = await state.collections.tasks(OPEN, { top: 10 });
    expect(value.map((task) => task.state)).toEqual(['archived', 'archived', 'archived', 'archived']);
    expect((await state.collections.header(OPEN))?.value.closing).toMatchObject({ outcome: 'complete' });
    const stored = world.evidence.names().filter((name) => name.includes(OPEN));
    expect(stored.filter((name) => name.endsWith('/manifest.json'))).toHaveLength(1);
    expect(stored).toHaveLength(1 + 4 * 2);
    for (const id of machinesOf(of)) expect(world.tenant.state.ledger.ofMachine(id)).toHaveLength(1);
  });

  it('let a collection that was half way be cancelled', async () => {
    const world = createWorld();
    const { state } = await stateOf(of);
    world.clock.moveTo(STORED_AT);
    const deps: Deps = { ...world.deps, ...state };
    await cancelCollection(deps, OPEN, { by: { kind: 'http' } });
    await bringToItsEnd(world, deps, OPEN);
    expect((await state.collections.header(OPEN))?.value).toMatchObject({
      ended: true,
      closing: { state: 'cancelled' },
    });
    expect(world.evidence.names().filter((name) => name.endsWith(`${OPEN}/manifest.json`))).toHaveLength(1);
  });
});

/** Submits, as the version before had, what its rows say is open in Defender. @returns the ids of its actions by theirs */
async function actionsOf({ rows: { work } }: Version, world: World): Promise<Map<string, string>> {
  const attempts = work.filter(({ rowKey }) => rowKey.startsWith('a|')).map((row) => jsonOf(row) as Attempt);
  const renamed = new Map<string, string>();
  for (const { state, machineActionId, machineId, commands, comment } of attempts) {
    if (state === 'closed' || machineActionId === undefined) continue;
    const submitted = await world.deps.defender.submit({ machineId, commands, comment });
    if (!submitted.ok) throw new Error(submitted.fault.kind);
    renamed.set(machineActionId, submitted.value.machineActionId);
  }
  return renamed;
}

const machinesOf = ({ rows, open }: Version): string[] =>
  rows.collections
    .filter((row) => row.partitionKey === open && row.rowKey.startsWith('t|'))
    .flatMap((row) => (jsonOf(row) as Task).machineId ?? []);

/** Heartbeats and the messages of queues, until the open collection has ended. */
async function bringToItsEnd(world: World, deps: Deps, open: string): Promise<void> {
  const handlers: Record<QueueName, (message: unknown) => Promise<void>> = {
    // heartbeats alone move it: what a tick would do, they do as well
    ticks: async () => undefined,
    collections: (message) => advanceCollection(deps, (message as { collectionId: string }).collectionId),
    results: (message) => archiveResult(deps, message as ResultMessage),
  };
  for (let beats = 0; beats < 120; beats += 1) {
    if ((await deps.collections.header(open))?.value.ended) return;
    world.clock.moveTo(world.clock.now() + minutes(1));
    await dispatchHeartbeat(deps);
    await pollHeartbeat(deps);
    for (const queue of ['collections', 'results', 'ticks'] as const)
      for (const { text } of world.state.queues.receive(queue)) await handlers[queue](JSON.parse(text));
  }
}
