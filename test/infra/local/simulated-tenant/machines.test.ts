import { describe, expect, it } from 'vitest';
import type { MachineEntity } from '../../../../infra/local/simulated-tenant/model/machine-entity.ts';
import type { ListBody } from '../../../../infra/local/simulated-tenant/model/reading-actions.ts';
import type { ErrorBody, Reply } from '../../../../infra/local/simulated-tenant/model/reply.ts';
import { anna, codeOf, entityOf, HOUR, manyDevices, START, tenantWith } from './virtual-tenant.ts';

const DEVICES = [
  anna({ computerDnsName: 'ws01.contoso.com', lastIpAddress: '10.0.0.1', machineTags: ['finance'] }),
  anna({
    computerDnsName: 'ws02.contoso.com',
    lastIpAddress: '10.0.0.2',
    machineTags: ['finance-eu'],
    awake: { asleepForMs: HOUR },
  }),
  anna({ id: '0'.repeat(40), computerDnsName: 'ws01.contoso.com', healthStatus: 'Inactive' }),
];

const names = (reply: Reply<ListBody<MachineEntity> | ErrorBody>) =>
  entityOf<ListBody<MachineEntity>>(reply).value.map((machine) => machine.computerDnsName);

describe('machines', () => {
  it('are found by filter, the start of a name included', () => {
    const tenant = tenantWith({}, DEVICES);
    const found = ($filter: string) => names(tenant.listMachines({ $filter }, START));
    expect(found("startswith(computerDnsName,'ws02')")).toEqual(['ws02.contoso.com']);
    expect(found("computerDnsName eq 'ws01.contoso.com'")).toHaveLength(2);
    expect(found("machineTags/any(tag: tag eq 'finance')")).toEqual(['ws01.contoso.com']);
    expect(codeOf(tenant.listMachines({ $filter: "rbacGroupName eq 'x'" }, START))).toBe('ODataError');
  });

  it('come in pages, each naming the next', () => {
    const tenant = tenantWith({ pageSize: 2 }, manyDevices(5));
    const seen: string[] = [];
    let query: URLSearchParams | undefined = new URLSearchParams();
    while (query !== undefined) {
      const page: ListBody<MachineEntity> = entityOf<ListBody<MachineEntity>>(tenant.listMachines(query, START));
      seen.push(...page.value.map((machine) => machine.computerDnsName));
      const next = page['@odata.nextLink'];
      query = next === undefined ? undefined : new URL(next).searchParams;
    }
    expect(new Set(seen).size).toBe(5);
  });

  it('are read by id, or by name in any letter case, preferring one that is active', () => {
    const tenant = tenantWith({}, DEVICES);
    expect(entityOf<MachineEntity>(tenant.readMachine('WS01.contoso.com', START)).healthStatus).toBe('Active');
    expect(entityOf<MachineEntity>(tenant.readMachine('0'.repeat(40), START)).healthStatus).toBe('Inactive');
    expect(tenant.readMachine('nobody', START).status).toBe(404);
  });

  it('are found by tag, whole or by its start', () => {
    const tenant = tenantWith({}, DEVICES);
    expect(names(tenant.findByTag('finance', false, START))).toEqual(['ws01.contoso.com']);
    expect(names(tenant.findByTag('finance', true, START))).toHaveLength(2);
  });

  it('are found by address around an instant of the past 30 days', () => {
    const tenant = tenantWith({}, DEVICES);
    const at = (hours: number) => new Date(START + hours * HOUR).toISOString();
    const later = START + 2 * HOUR;
    expect(names(tenant.findByIp('10.0.0.2', at(0.5), later))).toEqual([]);
    expect(names(tenant.findByIp('10.0.0.2', at(0.9), later))).toEqual(['ws02.contoso.com']);
    expect(tenant.findByIp('10.0.0.2', at(-31 * 24), later).status).toBe(400);
    expect(tenant.findByIp('10.0.0.2', 'yesterday', later).status).toBe(400);
  });

  it('are a 404 where there is none', () => {
    expect(tenantWith({}, []).listMachines({}, START).status).toBe(404);
  });

  it('show the last full report, as told', () => {
    const tenant = tenantWith({}, [anna({ reportsAtMs: [-HOUR, HOUR] })]);
    const lastSeen = (at: number) => Date.parse(entityOf<MachineEntity>(tenant.readMachine('anna', at)).lastSeen);
    expect([lastSeen(START), lastSeen(START + 2 * HOUR)]).toEqual([START - HOUR, START + HOUR]);
  });

  it('can change, their days going on', () => {
    const tenant = tenantWith({}, [anna({ awake: { asleepForMs: HOUR }, portalSession: true })]);
    tenant.changeDevice('anna', { portalSession: false, machineTags: ['new'] }, START + HOUR);
    expect(names(tenant.findByTag('new', false, START + HOUR))).toEqual(['anna']);
    expect(() => tenant.changeDevice('anna', { colour: 'red' }, START)).toThrow(/colour/);
  });
});
