import { hours, seconds } from '../../shared/domain/time.ts';
import { devicesWith, drawFleet } from '../world/fleet.ts';
import { collectionOf, custodyOf, tasksOf } from '../world/seen.ts';
import { createWorld, type World } from '../world/world.ts';

/** What a fleet costs the state storage, counted at the ports while the real use cases run in virtual time. */
export interface StorageLoad {
  tasks: number;
  collections: number;
  /** From the first request to the last end, in seconds. */
  lastsS: number;
  /** Calls by port and method. */
  calls: ReadonlyMap<string, number>;
  /** Most calls in one second, by port. Storage takes no time here: real ones are spread over more. */
  busiestSecond: ReadonlyMap<Port, number>;
  /** Most rows at a time in the partition of open work, which each tick reads. */
  workRows: number;
  /** Tasks, custody and headers as they stay until the retention is over, in characters of JSON. */
  keptCharacters: number;
}

/** Each is a table, or what goes beside them. */
export const PORTS = ['collections', 'work', 'index', 'registers', 'queues', 'evidence', 'secrets'] as const;
export type Port = (typeof PORTS)[number];

/** @param each devices in one collection */
export async function storageLoad(tasks: number, each: number): Promise<StorageLoad> {
  const devices = devicesWith(drawFleet(tasks, 1));
  const world = createWorld({ devices, settings: { sessionsReserved: 0 } });
  const ids: string[] = [];
  for (let at = 0; at < tasks; at += each) ids.push(await world.ask({ devices: devices.slice(at, at + each) }));
  const busiest = new Map<Port, number>();
  const startedAt = world.clock.now();
  let workRows = 0;
  let before = byPort(world);
  for (let open = ids; open.length > 0; ) {
    await world.run(seconds(1));
    const after = byPort(world);
    for (const port of PORTS)
      busiest.set(port, Math.max(busiest.get(port) ?? 0, (after.get(port) ?? 0) - (before.get(port) ?? 0)));
    before = after;
    const { attempts, jobs } = await world.state.work.load(world.deps.settings.tenantId);
    workRows = Math.max(workRows, 1 + attempts.length + jobs.length);
    open = await stillOpen(world, open);
    if (world.clock.now() - startedAt > hours(72)) throw new Error(`${open.length} collections do not end`);
  }
  return {
    tasks,
    collections: ids.length,
    lastsS: (world.clock.now() - startedAt) / 1000,
    calls: new Map([...world.calls].filter(([call]) => PORTS.some((port) => call.startsWith(`${port}.`)))),
    busiestSecond: busiest,
    workRows,
    keptCharacters: await keptCharacters(world, ids),
  };
}

/** Calls that a load makes to a port, or to all. */
export function callsTo(load: StorageLoad, port?: Port): number {
  return [...load.calls].reduce((sum, [call, n]) => (port && !call.startsWith(`${port}.`) ? sum : sum + n), 0);
}

function byPort(world: World): Map<Port, number> {
  const counts = new Map<Port, number>();
  for (const [call, n] of world.calls) {
    const port = PORTS.find((p) => call.startsWith(`${p}.`));
    if (port) counts.set(port, (counts.get(port) ?? 0) + n);
  }
  return counts;
}

async function keptCharacters(world: World, ids: readonly string[]): Promise<number> {
  let characters = 0;
  for (const id of ids) {
    const rows = [await collectionOf(world, id), ...(await tasksOf(world, id)), ...(await custodyOf(world, id))];
    for (const kept of rows) characters += JSON.stringify(kept).length;
  }
  return characters;
}

async function stillOpen(world: World, ids: readonly string[]): Promise<string[]> {
  const open: string[] = [];
  // Asked of the twin itself: not counted.
  for (const id of ids) if (!(await world.state.collections.header(id))?.value.ended) open.push(id);
  return open;
}
