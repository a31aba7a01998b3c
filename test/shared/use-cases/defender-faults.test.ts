import { describe, expect, it } from 'vitest';
import type { DeviceInput, ScenarioInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours, minutes, seconds } from '../../../shared/domain/time.ts';
import { readCollection } from '../../../shared/use-cases/read-collection.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, runsOn, submits, taskOf, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, type World } from '../../world/world.ts';

const anna = device();

/** From now on every call fails, for a while. */
function outage(world: World, ms: number, fault: 'error' | 'reset' = 'error'): void {
  const down = fault === 'error' ? { kind: 'error', status: 503 } : { kind: 'reset' };
  world.tenant.setSwitches({ faultRates: [{ endpoint: '*', probability: 1, fault: down }] });
  world.after(ms, () => world.tenant.setSwitches({ faultRates: [] }));
}

describe('while Defender is down for an hour', () => {
  it.each(['error', 'reset'] as const)('no task fails, and all are archived afterwards (%s)', async (fault) => {
    const fleet = devices(30);
    const world = createWorld({ devices: fleet });
    outage(world, hours(1), fault);
    const collectionId = await world.ask({ devices: fleet });
    await world.runUntilEnded(collectionId, { atMost: hours(3) });
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ archived: 30 });
    expect(wrongs(world)).toEqual([]);
  });

  it('actions under way are followed to their end afterwards, and nothing is run twice', async () => {
    const fleet = devices(30);
    const world = createWorld({ devices: fleet });
    const collectionId = await world.ask({ devices: fleet });
    await world.run(seconds(100));
    outage(world, hours(1));
    await world.runUntilEnded(collectionId, { atMost: hours(3) });
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ archived: 30 });
    expect(fleet.map((d) => runsOn(world, d))).toEqual(fleet.map(() => 1));
    expect(wrongs(world)).toEqual([]);
  });

  it('submits are rare: they only find out whether it is back', async () => {
    const fleet = devices(30);
    const world = createWorld({ devices: fleet });
    outage(world, hours(1));
    await world.ask({ devices: fleet });
    await world.run(hours(1) - minutes(1));
    expect(submits(world).length).toBeLessThan(60);
  });

  it('waiting tasks say so', async () => {
    const fleet = devices(30);
    const world = createWorld({ devices: fleet });
    outage(world, hours(1));
    const collectionId = await world.ask({ devices: fleet });
    await world.run(minutes(5));
    const seen = await world.call(async (deps) => [await readCollection(deps, collectionId)]);
    const reasons = seen[0]?.view.tasks?.flatMap((t) => t.waiting?.reason ?? []);
    expect(new Set(reasons)).toEqual(new Set(['DefenderUnavailable']));
  });

  it('targets given by name wait, and are resolved afterwards', async () => {
    const world = createWorld({ devices: [anna] });
    outage(world, hours(1));
    const collectionId = await world.ask({ targets: [{ computerDnsName: anna.computerDnsName }] });
    await world.runUntilEnded(collectionId, { atMost: hours(2) });
    expect((await taskOf(world, collectionId)).state).toBe('archived');
  });
});

describe('a Defender that answers with errors now and then', () => {
  it.each([1, 2, 3])('loses nothing and runs nothing twice (seed %i)', async (seed) => {
    const fleet = devices(40);
    const error = { kind: 'error' as const, status: 500, message: '' };
    const world = createWorld({
      devices: fleet,
      seed,
      switches: {
        readGapMs: seconds(5),
        faultRates: [
          { endpoint: '*', probability: 0.05, fault: error },
          { endpoint: '*', probability: 0.02, fault: { kind: 'loseReply' } },
          { endpoint: '*', probability: 0.02, fault: { kind: 'reset' } },
          { endpoint: '*', probability: 0.02, fault: { kind: 'emptyBody' } },
        ],
      },
    });
    const collectionId = await world.ask({ devices: fleet });
    await world.runUntilEnded(collectionId, { atMost: hours(4) });
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ archived: 40 });
    expect(fleet.map((d) => runsOn(world, d))).toEqual(fleet.map(() => 1));
    expect(wrongs(world)).toEqual([]);
  });
});

describe('a refusal that no retry heals', () => {
  const refusals: { code: string; spec?: Partial<DeviceInput>; switches?: ScenarioInput['switches'] }[] = [
    { code: 'RemediationLevelMissing', spec: { remediationLevel: false } },
    { code: 'PlatformNotSupported', spec: { supported: false } },
    { code: 'LiveResponseDisabled', switches: { liveResponseDisabled: true } },
    { code: 'PermissionMissing', switches: { missingRoles: ['Machine.LiveResponse'] } },
    { code: 'ScriptNotInLibrary', switches: { missingScripts: 'refusedAtSubmit' } },
  ];

  it.each(refusals)('fails the task at once with $code and a remedy', async ({ code, spec, switches }) => {
    const refused = device(spec);
    const world = createWorld({ devices: [refused], switches });
    const collectionId = await world.ask({ devices: [refused] });
    await world.runUntilEnded(collectionId, { atMost: minutes(2) });
    const task = await taskOf(world, collectionId);
    expect(task).toMatchObject({ state: 'failed', failure: { code, retryable: false } });
    expect(task.failure?.remedy).not.toBe('');
    expect(submits(world)).toHaveLength(1);
  });

  it('of one device does not touch the others', async () => {
    const refused = device({ remediationLevel: false });
    const fleet = [refused, ...devices(3)];
    const world = createWorld({ devices: fleet });
    const collectionId = await world.ask({ devices: fleet });
    await world.runUntilEnded(collectionId, { atMost: minutes(20) });
    expect((await tasksOf(world, collectionId)).map((t) => t.state)).toEqual([
      'failed',
      'archived',
      'archived',
      'archived',
    ]);
    expect((await collectionOf(world, collectionId)).closing).toMatchObject({ state: 'completed', outcome: 'partial' });
  });

  it('for a machine that Defender does not know is MachineNotFound', async () => {
    const world = createWorld({ devices: [] });
    const collectionId = await world.ask({ devices: [anna] });
    await world.runUntilEnded(collectionId, { atMost: minutes(2) });
    expect(await taskOf(world, collectionId)).toMatchObject({ state: 'failed', failure: { code: 'MachineNotFound' } });
  });
});
