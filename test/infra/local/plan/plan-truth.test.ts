import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../../infra/local/plan/options.ts';
import { makePlan } from '../../../../infra/local/plan/plan.ts';
import type { DeviceInput } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours } from '../../../../shared/domain/time.ts';
import { devices, devicesWith, drawFleet } from '../../../world/fleet.ts';
import { slotTimeOf } from '../../../world/ideal.ts';
import { collectionOf, secondsOf, tasksOf } from '../../../world/seen.ts';
import { createWorld } from '../../../world/world.ts';

const SEEDS = [1, 2, 3, 4, 5];

const drawnDevices = (count: number, seed: number): DeviceInput[] => devicesWith(drawFleet(count, seed));

/**
 * When the evidence of so many devices of a fleet is there, of all unless told otherwise, by the real use cases in
 * virtual time; in seconds.
 */
async function makespanS(fleet: readonly DeviceInput[], seed: number, count = fleet.length): Promise<number> {
  const world = createWorld({ devices: fleet, seed });
  const asked = await world.ask({ devices: fleet });
  const archivedAt = async () =>
    (await tasksOf(world, asked)).flatMap((t) => t.commands.flatMap((c) => c.artifact?.archivedAt ?? []));
  await world.runUntil(async () => (await collectionOf(world, asked)).counts.archived === count, { atMost: hours(6) });
  return secondsOf(Math.max(...(await archivedAt())));
}

const middle = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

const planFor = (...args: string[]) => makePlan(readOptions(args, {}).wish);

const callsOf = (plan: ReturnType<typeof planFor>) => Object.fromEntries(plan.calls.map((c) => [c.what, c.total]));

describe('a plan', () => {
  it('counts the calls that a fleet takes, polls at their most', async () => {
    const devices = drawnDevices(60, 2);
    const world = createWorld({ devices, seed: 2 });
    await world.runUntilEnded(await world.ask({ devices }), { atMost: hours(6) });
    const truth = world.tenant.state.record.countByEndpoint;
    const {
      submits,
      'list polls': polls,
      'result links': links,
    } = callsOf(planFor('--devices', '60', '--minutes', '4.5'));
    expect([submits, links]).toEqual([truth.get('runLiveResponse'), truth.get('getResultLink')]);
    expect(truth.get('listMachineActions')).toBeLessThan((polls ?? 0) * 1.25);
  });

  it('of sixty devices that are awake comes true within a tenth', async () => {
    const slotsS = SEEDS.flatMap((seed) => drawFleet(60, seed).map(slotTimeOf));
    const meanMinutes = slotsS.reduce((sum, s) => sum + s, 0) / slotsS.length / 60;
    const plan = planFor('--devices', '60', '--minutes', meanMinutes.toFixed(2));
    const truthsS: number[] = [];
    for (const seed of SEEDS) truthsS.push(await makespanS(drawnDevices(60, seed), seed));
    const plannedS = (plan.awake?.lastStored.p50 ?? 0) / 1000;
    expect(Math.abs(plannedS / middle(truthsS) - 1)).toBeLessThan(0.1);
  });

  it('promises awake devices no more than comes true where a third of all sleep', async () => {
    const awake = devicesWith(drawFleet(40, 1));
    const sleepers = devices(20, { awake: 'never' }, 'lt');
    const mixed = awake.flatMap((device, i) => [device, ...(i % 2 === 0 ? sleepers.slice(i / 2, i / 2 + 1) : [])]);
    const slotsS = drawFleet(40, 1).map(slotTimeOf);
    const meanMinutes = slotsS.reduce((sum, s) => sum + s, 0) / slotsS.length / 60;
    const plan = planFor('--devices', '60', '--asleep', '0.3334', '--minutes', meanMinutes.toFixed(2));
    const truthS = await makespanS(mixed, 1, 40);
    expect(truthS).toBeLessThan(((plan.awake?.lastStored.p90 ?? 0) / 1000) * 1.1);
  });
});
