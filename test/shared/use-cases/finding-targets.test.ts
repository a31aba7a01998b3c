import { describe, expect, it } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { hours, seconds, toIso } from '../../../shared/domain/time.ts';
import { readCollection } from '../../../shared/use-cases/read-collection.ts';
import { idOf } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { collectionOf, submits, tasksOf, wrongs } from '../../world/seen.ts';
import { createWorld, START, type World } from '../../world/world.ts';

const AAD = '7a1d9e6c-1111-4222-8333-444455556666';
const anna = device({ aadDeviceId: AAD, lastIpAddress: '10.1.2.3', machineTags: ['finance'] });

async function collected(world: World, targets: readonly object[]) {
  const collectionId = await world.ask({ targets });
  await world.runUntilEnded(collectionId, { atMost: hours(2) });
  const tasks = await tasksOf(world, collectionId);
  return { collectionId, tasks, ends: tasks.map((t) => t.failure?.code ?? t.state) };
}

describe('a target', () => {
  const kinds: [string, object][] = [
    ['a machine id', { machineId: idOf(anna) }],
    ['a full name', { computerDnsName: 'Anna.Contoso.COM' }],
    ['a first label', { computerDnsName: 'ANNA' }],
    ['an Entra device id', { aadDeviceId: AAD }],
    ['an address at a time', { ipAddress: '10.1.2.3', at: toIso(START - seconds(60)) }],
    ['a tag', { machineTag: 'finance' }],
  ];

  it.each(kinds)('given as %s is found', async (_, target) => {
    const world = createWorld({ devices: [anna, ...devices(3)] });
    const { tasks } = await collected(world, [target]);
    expect(tasks).toMatchObject([{ machineId: idOf(anna), state: 'archived' }]);
    expect(wrongs(world)).toEqual([]);
  });

  it('given five times is one task', async () => {
    const world = createWorld({ devices: [anna] });
    const { collectionId, tasks } = await collected(
      world,
      kinds.map(([, target]) => target),
    );
    expect(tasks).toHaveLength(1);
    expect((await collectionOf(world, collectionId)).counts).toMatchObject({ total: 1, archived: 1 });
    expect(submits(world)).toHaveLength(1);
  });

  it('that is not there fails alone', async () => {
    const world = createWorld({ devices: [anna] });
    const { ends } = await collected(world, [
      { computerDnsName: 'nobody.contoso.com' },
      { computerDnsName: 'anna' },
      { machineTag: 'nothing' },
      { ipAddress: '10.9.9.9', at: toIso(START - seconds(60)) },
    ]);
    expect(ends).toEqual(['MachineNotFound', 'archived', 'MachineNotFound', 'MachineNotFound']);
  });

  it('that fits several active machines is ambiguous, and names them', async () => {
    const twins = [anna, device({ id: 'b'.repeat(40) })];
    const world = createWorld({ devices: twins });
    const { tasks } = await collected(world, [{ computerDnsName: 'anna' }]);
    expect(tasks[0]).toMatchObject({ state: 'failed', failure: { code: 'AmbiguousTarget' } });
    expect(tasks[0]?.failure?.candidates).toHaveLength(2);
    expect(submits(world)).toEqual([]);
  });

  it('passes over machines that are no longer active', async () => {
    const old = device({ id: 'b'.repeat(40), healthStatus: 'Inactive' });
    const world = createWorld({ devices: [old, anna] });
    const { tasks } = await collected(world, [{ computerDnsName: 'anna' }]);
    expect(tasks).toMatchObject([{ machineId: idOf(anna), state: 'archived' }]);
  });

  it('is taken whatever its health when it is the only match', async () => {
    const old = device({ healthStatus: 'Inactive' });
    const world = createWorld({ devices: [old] });
    const { tasks } = await collected(world, [{ computerDnsName: 'anna' }]);
    expect(tasks[0]?.state).toBe('archived');
  });

  it.each(kinds.slice(1))(
    'given as %s fails for the missing permission where Defender shows no machine',
    async (_, target) => {
      const missingRoles = ['Machine.Read.All', 'Machine.ReadWrite.All'];
      const world = createWorld({ devices: [anna], switches: { missingRoles } });
      const { ends } = await collected(world, [target]);
      expect(ends).toEqual(['PermissionMissing']);
    },
  );

  it('given by its id is served although Defender shows no machine for those beside it', async () => {
    const world = createWorld({ devices: [anna] });
    const fault = { kind: 'error', status: 403, code: 'Forbidden', message: 'no' } as const;
    world.tenant.state.faults.add({ endpoint: 'listMachines', times: 50, skip: 0, fault });
    const { ends } = await collected(world, [{ machineId: idOf(anna) }, { computerDnsName: 'bob' }]);
    expect(ends).toEqual(['archived', 'PermissionMissing']);
  });

  it('is asked for again after a refusal that does not last', async () => {
    const world = createWorld({ devices: [anna] });
    const fault = { kind: 'error', status: 403, code: 'Forbidden', message: 'not yet' } as const;
    world.tenant.state.faults.add({ endpoint: 'listMachines', times: 3, skip: 0, fault });
    expect((await collected(world, [{ computerDnsName: 'anna' }])).ends).toEqual(['archived']);
  });

  it('fails as a fault of Defender where it refuses a list of machines without telling why', async () => {
    const world = createWorld({ devices: [anna] });
    const fault = { kind: 'error', status: 400, code: 'ODataError', message: 'bad query' } as const;
    world.tenant.state.faults.add({ endpoint: 'listMachines', times: 50, skip: 0, fault });
    expect((await collected(world, [{ computerDnsName: 'anna' }])).ends).toEqual(['DefenderError']);
  });

  it('is found although more calls are needed for all of them than Defender allows in a minute', async () => {
    const many = devices(250).map((one, n) => ({ ...one, lastIpAddress: `10.7.${n >> 8}.${n & 255}` }));
    const world = createWorld({ devices: many });
    const at = toIso(START - seconds(60));
    const targets = many.map(({ lastIpAddress }) => ({ ipAddress: lastIpAddress, at }));
    const { tasks } = await collected(world, targets);
    expect(tasks.map((t) => t.machineId)).toEqual(many.map(idOf));
    expect(wrongs(world)).toEqual([]);
  });

  it('is served although a hundred names beside it are unknown', async () => {
    const world = createWorld({ devices: [anna] });
    const unknown = Array.from({ length: 150 }, (_, n) => ({ computerDnsName: `ghost${n}` }));
    const { ends } = await collected(world, [...unknown, { computerDnsName: 'anna' }]);
    expect(ends.filter((end) => end === 'MachineNotFound')).toHaveLength(150);
    expect(ends.at(-1)).toBe('archived');
  });

  it('waits for Defender, and says so, while the list of machines does not come', async () => {
    const world = createWorld({ devices: [anna] });
    world.tenant.state.faults.add({
      endpoint: 'listMachines',
      times: 50,
      skip: 0,
      fault: { kind: 'error', status: 503, message: 'down' },
    });
    const collectionId = await world.ask({ targets: [{ computerDnsName: 'anna' }] });
    await world.run(seconds(5));
    const tasks = (await readCollection(world.deps, collectionId))?.view.tasks;
    expect(tasks).toMatchObject([{ state: 'queued', waiting: { reason: 'DefenderUnavailable' } }]);
  });

  it('that is a tag of too many machines says so', async () => {
    const many = devices(1001, { machineTags: ['all'] });
    const world = createWorld({ devices: many });
    const { ends } = await collected(world, [{ machineTag: 'all' }]);
    expect(ends).toEqual(['TooManyMachines']);
    expect(submits(world)).toEqual([]);
  });

  it('that is a tag becomes one task for each of its machines', async () => {
    const finance: DeviceInput[] = devices(7, { machineTags: ['finance'] });
    const world = createWorld({ devices: [...finance, ...devices(2, {}, 'other')] });
    const { tasks } = await collected(world, [{ machineTag: 'finance' }, { machineId: idOf(finance[3] ?? anna) }]);
    expect(tasks.map((t) => t.machineId).sort()).toEqual(finance.map(idOf).sort());
  });
});
