import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { secondsOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

/** As many devices as one request may name; larger fleets are asked for in several, all at the start. */
const TARGETS_AT_ONCE = 1000;

/** One fleet, all of it asked for at the start, with nothing reserved for people; other settings have their defaults. */
export interface CollectingRun {
  world: World;
  collectionIds: string[];
}

export async function askForFleet(devices: readonly DeviceInput[], seed: number): Promise<CollectingRun> {
  const world = createWorld({ devices, settings: { sessionsReserved: 0 }, seed });
  const collectionIds: string[] = [];
  for (let first = 0; first < devices.length; first += TARGETS_AT_ONCE)
    collectionIds.push(await world.ask({ devices: devices.slice(first, first + TARGETS_AT_ONCE) }));
  return { world, collectionIds };
}

/**
 * When the evidence of each device was recorded as archived, in seconds from the start; devices without evidence are
 * absent.
 * @throws when a limit of Defender was broken or an attempt ran twice: such a run measures nothing
 */
export async function evidenceTimes({ world, collectionIds }: CollectingRun): Promise<Map<string, number>> {
  const wrong = wrongs(world);
  if (wrong.length > 0) throw new Error(`the run is not valid: ${wrong.join('; ')}`);
  const times = new Map<string, number>();
  for (const id of collectionIds) {
    for (const task of await tasksOf(world, id)) {
      const at = archivedAt(task);
      if (at !== undefined && task.machineId !== undefined) times.set(task.machineId, secondsOf(at));
    }
  }
  return times;
}

function archivedAt({ commands }: Task): number | undefined {
  const instants = commands.map((c) => c.artifact?.archivedAt);
  return instants.every((at) => at !== undefined) ? Math.max(...instants) : undefined;
}
