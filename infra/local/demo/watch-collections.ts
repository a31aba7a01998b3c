import { setTimeout as pause } from 'node:timers/promises';
import type { CollectionView } from '../../../shared/contracts/collection-view.ts';
import type { TaskView } from '../../../shared/contracts/task-view.ts';
import type { WaitingReason } from '../../../shared/domain/failures/waiting-reasons.ts';
import { deviceName, deviceRow } from './device-row.ts';
import type { HoldfastClient } from './holdfast-client.ts';
import type { Screen } from './screen.ts';
import type { SimulatedWorld } from './tenant-events.ts';

const LOOK_EVERY_MS = 400;

export interface Watched {
  collections: CollectionView[];
  tasks: TaskView[];
  /** What each device was seen waiting for. */
  waits: Map<string, Set<WaitingReason>>;
}

/**
 * Shows the collections until all have ended.
 * @param until epoch ms
 * @throws Error naming what is still open then
 */
export async function watchCollections(
  holdfast: HoldfastClient,
  world: SimulatedWorld,
  screen: Screen,
  { ids, until }: { ids: readonly string[]; until: number },
): Promise<Watched> {
  const waits = new Map<string, Set<WaitingReason>>();
  for (;;) {
    const collections = await Promise.all(ids.map((id) => holdfast.collection(id)));
    const tasks = collections.flatMap((c) => c.tasks);
    const now = Date.now();
    noteWaits(tasks, waits);
    screen.show(tasks.map((task) => deviceRow(task, now)));
    if (collections.every((c) => c.outcome !== undefined)) return { collections, tasks, waits };
    if (now > until) throw new Error(`Not ended in time: ${stillOpen(collections)}`);
    for (const words of await world.move(tasks, now)) screen.say(`  ${words}`);
    await pause(LOOK_EVERY_MS);
  }
}

function noteWaits(tasks: readonly TaskView[], waits: Map<string, Set<WaitingReason>>): void {
  for (const task of tasks) {
    if (task.waiting === undefined) continue;
    const name = deviceName(task);
    waits.set(name, (waits.get(name) ?? new Set()).add(task.waiting.reason));
  }
}

const stillOpen = (collections: readonly CollectionView[]): string =>
  collections
    .filter((c) => c.outcome === undefined)
    .flatMap((c) => [`${c.collectionId} ${c.state}`, ...c.tasks.map((t) => `${deviceName(t)} ${t.state}`)])
    .join(', ');
