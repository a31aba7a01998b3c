import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskView } from '../../shared/contracts/task-view.ts';
import { type E2eSystem, startE2eSystem } from './e2e-system.ts';
import { GET_FILE } from './requests.ts';

const PC = '1111111111111111111111111111111111111111';
const OLD_PC = '2222222222222222222222222222222222222222';
const AAD = 'a3f1c2d4-0001-4e5f-8a9b-000000000001';

/** Every test has devices of its own: one device runs one action at a time. */
const DEVICES = [
  { id: PC, computerDnsName: 'by-id.contoso.com' },
  { computerDnsName: 'by-name.contoso.com' },
  { computerDnsName: 'by-label.contoso.com' },
  { computerDnsName: 'by-aad.contoso.com', aadDeviceId: AAD },
  { computerDnsName: 'by-ip.contoso.com', lastIpAddress: '10.9.8.7' },
  { computerDnsName: 'tagged-1.contoso.com', machineTags: ['finance'] },
  { computerDnsName: 'tagged-2.contoso.com', machineTags: ['finance', 'vip'] },
  { computerDnsName: 'tagged-gone.contoso.com', machineTags: ['finance'], healthStatus: 'Inactive' },
  { computerDnsName: 'tagged-like.contoso.com', machineTags: ['finance2'] },
  { computerDnsName: 'same.contoso.com', lastIpAddress: '10.9.8.6' },
  { computerDnsName: 'twin.contoso.com', id: '3333333333333333333333333333333333333333' },
  { computerDnsName: 'twin.fabrikam.com', id: '4444444444444444444444444444444444444444' },
  { computerDnsName: 'renewed.contoso.com' },
  { computerDnsName: 'renewed.contoso.com', id: OLD_PC, healthStatus: 'NoSensorData' },
  { computerDnsName: 'ill.contoso.com', healthStatus: 'Inactive' },
  { computerDnsName: 'host-1.contoso.com' },
  { computerDnsName: 'host-2.contoso.com', id: '5555555555555555555555555555555555555555' },
  { computerDnsName: 'host-3.contoso.com' },
];
const CROWD = Array.from({ length: 1001 }, (_, i) => ({ computerDnsName: `crowd${i}`, machineTags: ['crowd'] }));

let system: E2eSystem;

beforeAll(async () => {
  system = await startE2eSystem({ scenarioOf: { devices: [...DEVICES, ...CROWD] } });
});
afterAll(() => system?.local.stop());

const collect = (...targets: unknown[]) => system.client.collect({ targets, commands: [GET_FILE] });
const namesOf = (tasks: readonly TaskView[]) => tasks.map(({ computerDnsName }) => computerDnsName).sort();

describe.concurrent('a target', () => {
  it.each([
    ['machine id', { machineId: PC.toUpperCase() }, 'by-id.contoso.com'],
    ['whole name, in any letter case', { computerDnsName: 'By-Name.CONTOSO.com' }, 'by-name.contoso.com'],
    ['first label', { computerDnsName: 'BY-LABEL' }, 'by-label.contoso.com'],
    ['Entra device id', { aadDeviceId: AAD.toUpperCase() }, 'by-aad.contoso.com'],
    ['address at an instant', { ipAddress: '10.9.8.7', at: new Date().toISOString() }, 'by-ip.contoso.com'],
    ['name alone, whatever its health', { computerDnsName: 'ill.contoso.com' }, 'ill.contoso.com'],
    ['name that an inactive machine has too', { computerDnsName: 'renewed.contoso.com' }, 'renewed.contoso.com'],
  ])('is found by its %s', async (_, target, computerDnsName) => {
    const { tasks, outcome } = await collect(target);
    expect(outcome).toBe('complete');
    expect(namesOf(tasks)).toEqual([computerDnsName]);
    expect(tasks[0]?.machineId).not.toBe(OLD_PC);
    expect(Object.keys(tasks[0]?.target ?? {})).toEqual(Object.keys(target));
  });

  it('that is a tag stands for every active machine with exactly this tag', async () => {
    const { tasks, counts } = await collect({ machineTag: 'finance' });
    expect(namesOf(tasks)).toEqual(['tagged-1.contoso.com', 'tagged-2.contoso.com']);
    expect(counts).toMatchObject({ total: 2, archived: 2 });
    for (const { target } of tasks) expect(target).toEqual({ machineTag: 'finance' });
  });

  it('that names a machine for the second time makes no second task', async () => {
    const address = { ipAddress: '10.9.8.6', at: new Date().toISOString() };
    const { tasks, counts } = await collect(
      { computerDnsName: 'same' },
      { computerDnsName: 'same.contoso.com' },
      address,
    );
    expect(counts.total).toBe(1);
    expect(namesOf(tasks)).toEqual(['same.contoso.com']);
  });

  it('that nobody knows fails alone', async () => {
    const { tasks, state, outcome } = await collect({ computerDnsName: 'ghost' }, { computerDnsName: 'host-3' });
    expect([state, outcome]).toEqual(['completed', 'partial']);
    const ghost = tasks.find(({ target }) => 'computerDnsName' in target && target.computerDnsName === 'ghost');
    expect(ghost).toMatchObject({ state: 'failed', machineId: null, attempts: 0, machineActionId: null });
    expect(ghost?.failure).toMatchObject({ code: 'MachineNotFound', whoActs: 'requester', errorHResult: null });
    expect(ghost?.commands).toMatchObject([{ state: 'notRun' }]);
  });

  it('that fits several machines fails with the candidates and is not guessed', async () => {
    const { tasks, state, outcome } = await collect({ computerDnsName: 'twin' });
    expect([state, outcome]).toEqual(['failed', 'none']);
    expect(tasks[0]?.failure?.code).toBe('AmbiguousTarget');
    expect(tasks[0]?.failure?.candidates?.map(({ computerDnsName }) => computerDnsName).sort()).toEqual([
      'twin.contoso.com',
      'twin.fabrikam.com',
    ]);
  });

  it('that is a tag of more than 1000 machines is too many', async () => {
    const { tasks } = await collect({ machineTag: 'crowd' });
    expect(tasks).toMatchObject([{ state: 'failed', failure: { code: 'TooManyMachines' } }]);
  });
});

it('hosts of Sentinel entities become targets, in any spelling, and other entities do not', async () => {
  const entities = [
    { kind: 'Account', properties: { accountName: 'anna' } },
    { kind: 'Host', properties: { hostName: 'host-1', dnsDomain: 'contoso.com', osFamily: 'Windows' } },
    { $id: '3', Type: 'host', MdatpDeviceId: '5555555555555555555555555555555555555555', HostName: 'renamed' },
    { kind: 'Ip', properties: { address: '10.0.0.1' } },
  ];
  const { tasks, outcome } = await system.client.collect({ entities, commands: [GET_FILE] });
  expect(outcome).toBe('complete');
  expect(namesOf(tasks)).toEqual(['host-1.contoso.com', 'host-2.contoso.com']);
});
