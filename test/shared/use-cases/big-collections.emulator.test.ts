import { describe, expect, it } from 'vitest';
import { MESSAGE_BYTES } from '../../../shared/adapters/storage/queue-messages.ts';
import { hours, minutes } from '../../../shared/domain/time.ts';
import { advanceCollection } from '../../../shared/use-cases/advance-collection.ts';
import { allTasks } from '../../../shared/use-cases/all-tasks.ts';
import type { Deps } from '../../../shared/use-cases/deps.ts';
import { cancelCollection } from '../../../shared/use-cases/stop-collection.ts';
import { openAzuriteState } from '../../contracts/azurite-state.ts';
import { askFor, GET_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { devices } from '../../world/fleet.ts';
import { tasksOf } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

/** As long as a path may be, of characters that take most room in every encoding. */
const longPath = (n: number): string => `C:\\evidence\\${n}\\${'𝄞'.repeat(110)}.bin`;
/** One script and nineteen files: the most commands that a request may have. */
const COMMANDS = [RUN_SCRIPT, ...Array.from({ length: 19 }, (_, n) => ({ ...GET_FILE, path: longPath(n) }))];
const FLEET = devices(1000);

describe('a collection of 1000 devices and 20 commands with long paths', () => {
  it('is accepted, expanded and ended within the limits of rows and transactions', async () => {
    const { state } = await openAzuriteState();
    const world = createWorld({ devices: FLEET });
    const deps: Deps = { ...world.deps, ...state };
    const collectionId = await askFor(deps, { devices: FLEET, commands: COMMANDS });
    while ((await state.collections.header(collectionId))?.value.expanded !== true) {
      world.clock.moveTo(world.clock.now() + minutes(1));
      await advanceCollection(deps, collectionId);
    }
    const tasks = await allTasks(deps, collectionId);
    expect(tasks).toHaveLength(1000);
    expect(tasks.every((task) => task.commands.length === 20)).toBe(true);
    expect((await state.collections.request(collectionId))?.commands).toMatchObject(COMMANDS);

    await cancelCollection(deps, collectionId, { by: { kind: 'http' } });
    for (let turns = 0; turns < 60; turns += 1) {
      world.clock.moveTo(world.clock.now() + minutes(1));
      await advanceCollection(deps, collectionId);
      if ((await state.collections.header(collectionId))?.value.ended) break;
    }
    expect((await state.collections.header(collectionId))?.value).toMatchObject({
      ended: true,
      counts: { total: 1000, cancelled: 1000 },
    });
    const messages = (['collections', 'results', 'ticks'] as const).flatMap((q) => world.state.queues.receive(q));
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.every(({ text }) => Buffer.byteLength(text) < MESSAGE_BYTES / 100)).toBe(true);
  });

  it('has every result of every device archived under a name of its own, and a manifest that names them all', async () => {
    const some = devices(12);
    const world = createWorld({ devices: some });
    const collectionId = await world.ask({ devices: some, commands: COMMANDS });
    await world.runUntilEnded(collectionId, { atMost: hours(12) });
    const artifacts = (await tasksOf(world, collectionId)).flatMap((t) => t.commands.flatMap((c) => c.artifact ?? []));
    expect(new Set(artifacts.map((a) => a.blobName)).size).toBe(12 * 20);
    const manifest = world.evidence.names().find((name) => name.endsWith('manifest.json')) ?? '';
    const bytes = await Array.fromAsync(await world.evidence.read(manifest));
    const text = Buffer.concat(bytes).toString('utf8');
    for (const { sha256, blobName } of artifacts) {
      expect(text).toContain(sha256);
      expect(text).toContain(JSON.stringify(blobName.split('/').at(-1)).slice(1, -1));
    }
  });
});
