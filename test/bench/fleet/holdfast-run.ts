import { mulberry32, seedFrom } from '../../../infra/local/simulated-tenant/model/random.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { hours, seconds, toIso } from '../../../shared/domain/time.ts';
import { idOf } from '../../world/asking.ts';
import { secondsOf, tasksOf } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { deviceInputs } from './draws/drawn-device.ts';
import type { FleetRequest } from './fleet-requests.ts';
import type { FleetScenario } from './fleet-scenarios.ts';
import { type FleetOutcome, seenByTenant } from './outcome.ts';

/** As many devices as one request may name; larger fleets are asked for in several, all at the start. */
const TARGETS_AT_ONCE = 1000;
const LONGEST_REQUEST_HOURS = 168;
/** A crash comes at some call to a port among so many, before or after it. */
const CALLS_TO_A_CRASH = 30;

/**
 * Holdfast's real use cases on a fleet, in virtual time, with nothing reserved for people; other settings have their defaults.
 * @throws when a message was set aside as poison
 */
export async function runHoldfast(scenario: FleetScenario, seed: number): Promise<FleetOutcome> {
  const fleet = scenario.draw(seed);
  const devices = deviceInputs(fleet);
  const { switches = {}, crashEveryS } = scenario;
  const world = createWorld({ devices, switches, settings: { sessionsReserved: 0 }, seed });
  const endsAt = START + hours(scenario.horizonHours);
  const expiresAt = toIso(START + hours(1 + Math.min(scenario.horizonHours, LONGEST_REQUEST_HOURS)));
  const collectionIds: string[] = [];
  const ask = async ({ places, priority }: FleetRequest) => {
    const named = places.flatMap((place) => devices[place] ?? []);
    const more = { expiresAt, priority };
    for (let from = 0; from < named.length; from += TARGETS_AT_ONCE)
      collectionIds.push(await world.ask({ devices: named.slice(from, from + TARGETS_AT_ONCE), ...more }));
  };
  const requests = scenario.requests(fleet);
  for (const request of requests) {
    if (request.arrivesAtS === 0) await ask(request);
    else world.after(seconds(request.arrivesAtS), () => ask(request));
  }
  if (crashEveryS !== undefined) crashNowAndThen(world, seconds(crashEveryS), seed);
  await world.run(seconds(1 + Math.max(...requests.map(({ arrivesAtS }) => arrivesAtS))));
  await untilEnded(world, collectionIds, endsAt);
  if (world.poisoned.length > 0) throw new Error(`a message became poison: ${String(world.poisoned[0]?.error)}`);
  return outcomeOf(world, fleet, await allTasksOf(world, collectionIds));
}

function crashNowAndThen(world: World, everyMs: number, seed: number): void {
  const random = mulberry32(seedFrom(seed, 'crashes'));
  const crash = () => {
    world.crashAtCall(1 + Math.floor(CALLS_TO_A_CRASH * random()), random() < 0.5 ? 'before' : 'after');
    world.after(everyMs, crash);
  };
  world.after(everyMs, crash);
}

/** Until all collections have ended, or the time is over. */
async function untilEnded(world: World, collectionIds: readonly string[], endsAt: number): Promise<void> {
  const atMost = Math.max(1, endsAt - world.clock.now());
  await world.runUntilEnded(collectionIds, { atMost }).catch((error: unknown) => {
    if (world.clock.now() < endsAt) throw error;
  });
}

async function allTasksOf(world: World, collectionIds: readonly string[]): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const id of collectionIds) tasks.push(...(await tasksOf(world, id)));
  return tasks;
}

function outcomeOf(world: World, fleet: FleetOutcome['fleet'], tasks: readonly Task[]): FleetOutcome {
  const evidence = new Map<string, number>();
  let targetsLost = 0;
  for (const task of tasks) {
    const atS = evidenceAtS(task);
    if (task.machineId === undefined || atS === undefined) targetsLost += 1;
    else evidence.set(task.machineId, Math.min(atS, evidence.get(task.machineId) ?? Number.POSITIVE_INFINITY));
  }
  const ids = deviceInputs(fleet).map(idOf);
  return {
    fleet,
    evidenceAtS: ids.map((id) => evidence.get(id) ?? Number.POSITIVE_INFINITY),
    targetsLost,
    ...seenByTenant(world.tenant, ids, START, secondsOf(world.clock.now())),
  };
}

/** When the last result of a task was recorded as archived; nothing when one is missing. */
function evidenceAtS({ commands }: Task): number | undefined {
  const instants = commands.flatMap(({ artifact }) => artifact?.archivedAt ?? []);
  return instants.length > 0 && instants.length === commands.length ? secondsOf(Math.max(...instants)) : undefined;
}
