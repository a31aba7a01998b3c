import { describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../../../shared/adapters/storage/migrations.ts';
import { type TableName, tableName } from '../../../../shared/adapters/storage/storage-names.ts';
import { minutes } from '../../../../shared/domain/time.ts';
import type { QueueName } from '../../../../shared/ports.ts';
import { advanceCollection } from '../../../../shared/use-cases/advance-collection.ts';
import { archiveResult, type ResultMessage } from '../../../../shared/use-cases/archive-result.ts';
import type { Deps } from '../../../../shared/use-cases/deps.ts';
import { dispatchHeartbeat, pollHeartbeat } from '../../../../shared/use-cases/run-tick.ts';
import { cancelCollection } from '../../../../shared/use-cases/stop-collection.ts';
import { openAzuriteState } from '../../../contracts/azurite-state.ts';
import { createWorld } from '../../../world/world.ts';
import collections from './rows-of-version-1/collections.json' with { type: 'json' };
import index from './rows-of-version-1/index.json' with { type: 'json' };
import registers from './rows-of-version-1/registers.json' with { type: 'json' };
import work from './rows-of-version-1/work.json' with { type: 'json' };

/** As the version before wrote them; nobody changes these files. */
const ROWS = { collections, work, index, registers } satisfies Record<TableName, unknown>;
const OPEN = '15eff3c5-1085-8963-8750-523d12ef426e';
const COMPLETED = '9ffa5ef7-fedc-8610-8ef3-513fa1eca568';

async function stateOfVersion1() {
  const { clients, names, state } = await openAzuriteState();
  for (const [name, rows] of Object.entries(ROWS)) {
    const table = clients.table(tableName(name as TableName, names));
    for (const row of rows) await table.createEntity(row);
  }
  const versionOf = async (partition: string, row: string) =>
    (await clients.table(tableName('collections', names)).getEntity(partition, row)).schemaVersion;
  return { state, versionOf };
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

  it('are enough to bring a collection that was half way to its end', async () => {
    const { state } = await stateOfVersion1();
    const world = createWorld();
    const deps: Deps = { ...world.deps, ...state };
    const handlers: Record<QueueName, (message: unknown) => Promise<void>> = {
      // heartbeats alone move it: what a tick would do, they do as well
      ticks: async () => undefined,
      collections: (message) => advanceCollection(deps, (message as { collectionId: string }).collectionId),
      results: (message) => archiveResult(deps, message as ResultMessage),
    };
    const beat = async () => {
      world.clock.moveTo(world.clock.now() + minutes(1));
      await dispatchHeartbeat(deps);
      await pollHeartbeat(deps);
      for (const queue of ['collections', 'results', 'ticks'] as const)
        for (const { text } of world.state.queues.receive(queue)) await handlers[queue](JSON.parse(text));
    };
    await cancelCollection(deps, OPEN, { by: { kind: 'http' } });
    const isOpen = async () => (await state.collections.header(OPEN))?.value.ended !== true;
    for (let beats = 0; beats < 120 && (await isOpen()); beats += 1) await beat();

    expect((await state.collections.header(OPEN))?.value).toMatchObject({
      ended: true,
      closing: { state: 'cancelled' },
    });
    expect(world.evidence.names().filter((name) => name.endsWith(`${OPEN}/manifest.json`))).toHaveLength(1);
  });
});
