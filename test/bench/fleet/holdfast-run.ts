import { hours, seconds } from '../../../shared/domain/time.ts';
import { idOf } from '../../world/asking.ts';
import { secondsOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';
import { type DrawnDevice, deviceInputs } from './draws/drawn-device.ts';
import { actionsByDevice, type FleetOutcome } from './outcome.ts';

/** As many devices as one request may name; larger fleets are asked for in several, all at the start. */
const TARGETS_AT_ONCE = 1000;

export interface HoldfastRun extends FleetOutcome {
  world: World;
  /** Broken limits and attempts that ran twice; empty when all is well. */
  wrongs: string[];
}

export interface HoldfastScenario {
  fleet: readonly DrawnDevice[];
  horizonS: number;
}

/** Holdfast's real use cases on a fleet, in virtual time, with nothing reserved for people; other settings have their defaults. */
export async function runHoldfast(scenario: HoldfastScenario, seed: number): Promise<HoldfastRun> {
  const { fleet, horizonS } = scenario;
  const devices = deviceInputs(fleet);
  const world = createWorld({ devices, settings: { sessionsReserved: 0 }, seed });
  const collectionIds: string[] = [];
  const ask = async (places: readonly number[], more: Record<string, unknown> = {}) => {
    collectionIds.push(await world.ask({ devices: places.flatMap((p) => devices[p] ?? []), ...more }));
  };
  const first = [...fleet.keys()].filter((place) => fleet[place]?.arrivesAtS === 0);
  const expires = {
    expiresAt: new Date(START + seconds(horizonS) + hours(1)).toISOString(),
    ...(fleet.some((d) => d.urgent) ? { priority: 'bulk' } : {}),
  };
  for (let from = 0; from < first.length; from += TARGETS_AT_ONCE)
    await ask(first.slice(from, from + TARGETS_AT_ONCE), expires);
  fleet.forEach(({ arrivesAtS, urgent }, place) => {
    if (arrivesAtS > 0) world.after(seconds(arrivesAtS), () => ask([place], urgent ? { priority: 'urgent' } : {}));
  });
  const lastArrivalS = Math.max(...fleet.map((d) => d.arrivesAtS));
  const endMs = START + seconds(horizonS);
  await world.run(seconds(lastArrivalS + 1));
  await world
    .runUntilEnded([...collectionIds], { atMost: Math.max(1, endMs - world.clock.now()) })
    .catch((error: unknown) => {
      if (world.clock.now() < endMs) throw error;
    });

  const at = new Map<string, number>();
  for (const id of collectionIds)
    for (const { machineId, commands } of await tasksOf(world, id)) {
      const instants = commands.map((c) => c.artifact?.archivedAt);
      if (machineId !== undefined && instants.every((i) => i !== undefined))
        at.set(machineId, secondsOf(Math.max(...instants)));
    }
  const ids = devices.map(idOf);
  return {
    world,
    wrongs: wrongs(world),
    fleet,
    evidenceAtS: ids.map((id) => at.get(id) ?? Number.POSITIVE_INFINITY),
    actionsOf: actionsByDevice(world.tenant, ids, START, secondsOf(world.clock.now())),
    calls: world.tenant.state.record.countByEndpoint,
  };
}
