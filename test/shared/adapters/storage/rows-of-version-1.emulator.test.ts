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
import collections from './rows-of-version-1/collections.json' with { type: 'json' };
import index from './rows-of-version-1/index.json' with { type: 'json' };
import registers from './rows-of-version-1/registers.json' with { type: 'json' };
import work from './rows-of-version-1/work.json' with { type: 'json' };

/** As the version before wrote them; nobody changes these files. */
const ROWS = { collections, work, index, registers } satisfies Record<TableName, unknown>;
const OPEN = '15eff3c5-1085-8963-8750-523d12ef426e';
/** When the rows were taken. */
const STORED_AT = Date.parse('2026-03-02T08:04:02Z');
const NAMES = ['anna', 'ben', 'cleo', 'dora', 'emil'];
const COMPLETED = '9ffa5ef7-fedc-8610-8ef3-513fa1eca568';

/** @param renamed other ids for those in the rows */
async function stateOfVersion1(renamed: ReadonlyMap<string, string> = new Map()) {
  const { clients, names, state } = await openAzuriteState();
  for (const [name, rows] of Object.entries(ROWS)) {
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

describe('rows of the version before', () => {
  it('are read, all kinds of them', async () => {
    const { state } = await stateOfVersion1();
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
      expect(value).toEqual([{ key: row.rowKey, ...('json0' in row ? { value: jsonOf(row) } : {}) }]);
    }
    for (const row of registers)
      expect((await state.registers.read('contoso', row.rowKey))?.value).toEqual(jsonOf(row));
  });

  it('tell of an ended collection when it ended, which its row did not say', async () => {
    const { state } = await stateOfVersion1();
    const ended = (await state.collections.header(COMPLETED))?.value;
    expect(ended?.endedAt).toBe(ended?.closing?.at);
    expect((await state.collections.header(OPEN))?.value.endedAt).toBeUndefined();
  });

  it('stay as they are until their next change, which writes them in the shape of today', async () => {
    const { state, versionOf } = await stateOfVersion1();
    const header = await state.collections.header(OPEN);
    expect(await versionOf(OPEN, 'h')).toBe(1);
    if (header) await state.collections.commit({ header });
    expect(await versionOf(OPEN, 'h')).toBe(SCHEMA_VERSION);
  });

  it('of a newer version are neither read nor changed, and the error says what to do', async () => {
    const { state, clients, names } = await stateOfVersion1();
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
    const renamed = await actionsOfVersion1(world);
    const { state } = await stateOfVersion1(renamed);
    world.clock.moveTo(STORED_AT);
    await bringToItsEnd(world, { ...world.deps, ...state });

    const { value } = await state.collections.tasks(OPEN, { top: 10 });
    expect(value.map((task) => task.state)).toEqual(['archived', 'archived', 'archived', 'archived']);
    expect((await state.collections.header(OPEN))?.value.closing).toMatchObject({ outcome: 'complete' });
    const stored = world.evidence.names().filter((name) => name.includes(OPEN));
    expect(stored.filter((name) => name.endsWith('/manifest.json'))).toHaveLength(1);
    expect(stored).toHaveLength(1 + 4 * 2);
    for (const id of machinesOfOpen()) expect(world.tenant.state.ledger.ofMachine(id)).toHaveLength(1);
  });

  it('let a collection that was half way be cancelled', async () => {
    const world = createWorld();
    const { state } = await stateOfVersion1();
    world.clock.moveTo(STORED_AT);
    const deps: Deps = { ...world.deps, ...state };
    await cancelCollection(deps, OPEN, { by: { kind: 'http' } });
    await bringToItsEnd(world, deps);
    expect((await state.collections.header(OPEN))?.value).toMatchObject({
      ended: true,
      closing: { state: 'cancelled' },
    });
    expect(world.evidence.names().filter((name) => name.endsWith(`${OPEN}/manifest.json`))).toHaveLength(1);
  });
});

/** Submits, as the version before had, what its rows say is open in Defender. @returns the ids of its actions by theirs */
async function actionsOfVersion1(world: World): Promise<Map<string, string>> {
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

const machinesOfOpen = (): string[] =>
  collections
    .filter((row) => row.partitionKey === OPEN && row.rowKey.startsWith('t|'))
    .flatMap((row) => (jsonOf(row) as Task).machineId ?? []);

/** Heartbeats and the messages of queues, until the open collection has ended. */
async function bringToItsEnd(world: World, deps: Deps): Promise<void> {
  const handlers: Record<QueueName, (message: unknown) => Promise<void>> = {
    // heartbeats alone move it: what a tick would do, they do as well
    ticks: async () => undefined,
    collections: (message) => advanceCollection(deps, (message as { collectionId: string }).collectionId),
    results: (message) => archiveResult(deps, message as ResultMessage),
  };
  for (let beats = 0; beats < 120; beats += 1) {
    if ((await deps.collections.header(OPEN))?.value.ended) return;
    world.clock.moveTo(world.clock.now() + minutes(1));
    await dispatchHeartbeat(deps);
    await pollHeartbeat(deps);
    for (const queue of ['collections', 'results', 'ticks'] as const)
      for (const { text } of world.state.queues.receive(queue)) await handlers[queue](JSON.parse(text));
  }
}
