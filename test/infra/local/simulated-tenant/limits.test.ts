import { describe, expect, it } from 'vitest';
import type { TenantModel } from '../../../../infra/local/simulated-tenant/model/tenant-model.ts';
import { limitsBroken } from '../../../../infra/local/simulated-tenant/model/verdicts.ts';
import { anna, codeOf, HOUR, MINUTE, manyDevices, request, SECOND, START, tenantWith } from './virtual-tenant.ts';

function submitAll(tenant: TenantModel, at: number, from = 0, to = 99): number[] {
  const machineIds = [...tenant.state.devices.keys()].slice(from, to);
  return machineIds.map((machineId) => tenant.submit(machineId, request(), at).status);
}

const created = (statuses: number[]) => statuses.filter((status) => status === 201).length;
const broken = (tenant: TenantModel) => limitsBroken(tenant.state.record, tenant.state.switches);

describe('the submit rate', () => {
  it('lets ten pass in any sliding minute and answers 429 with whole seconds to the others', () => {
    const tenant = tenantWith({}, manyDevices(30));
    expect(created(submitAll(tenant, START, 0, 5))).toBe(5);
    expect(created(submitAll(tenant, START + 30 * SECOND, 5, 12))).toBe(5);
    const refused = tenant.submit(String([...tenant.state.devices.keys()][20]), request(), START + 30 * SECOND);
    expect([codeOf(refused), refused.headers['Retry-After']]).toEqual(['TooManyRequests', '30']);
    expect(created(submitAll(tenant, START + MINUTE, 12, 25))).toBe(5);
  });

  it('does not count what it refused, unless that is switched on', () => {
    const passedLater = (refusedCallsCount: boolean) => {
      const tenant = tenantWith({ refusedCallsCount }, manyDevices(40));
      submitAll(tenant, START, 0, 10);
      submitAll(tenant, START + 30 * SECOND, 10, 20);
      return created(submitAll(tenant, START + MINUTE, 20, 30));
    };
    expect([passedLater(false), passedLater(true)]).toEqual([10, 0]);
  });

  it('says nothing about when to come back, where that is switched off', () => {
    const tenant = tenantWith({ submitsPerMinute: 0, retryAfterHeader: false });
    expect(tenant.submit([...tenant.state.devices.keys()][0] ?? '', request(), START)).toMatchObject({
      status: 429,
      headers: {},
    });
  });
});

describe('other calls', () => {
  it('may come a hundred times a minute, each endpoint by itself', () => {
    const tenant = tenantWith();
    const statuses = Array.from({ length: 101 }, () => tenant.listActions({}, START).status);
    expect([statuses[99], statuses[100]]).toEqual([200, 429]);
    expect(tenant.listMachines({}, START).status).toBe(200);
    expect(tenant.listActions({}, START + MINUTE).status).toBe(200);
  });

  it('may come fifteen hundred times an hour', () => {
    const tenant = tenantWith();
    const statuses = Array.from({ length: 1501 }, (_, call) => tenant.listActions({}, START + call * SECOND).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1500);
    expect(tenant.listActions({}, START + HOUR).status).toBe(200);
  });

  it('for package links may come twice a minute', () => {
    const tenant = tenantWith();
    expect([1, 2, 3].map(() => tenant.packageUri('x', START).status)).toEqual([404, 404, 429]);
  });
});

describe('the session cap', () => {
  it('counts actions that wait for their device, unless that is switched off', () => {
    const sleepers = manyDevices(5).map((device) => ({ ...device, awake: 'never' as const }));
    expect(created(submitAll(tenantWith({ sessions: 3 }, sleepers), START))).toBe(3);
    expect(created(submitAll(tenantWith({ sessions: 3, pendingHoldsSession: false }, sleepers), START))).toBe(5);
  });

  it('is free again once an action has ended', () => {
    const tenant = tenantWith({ sessions: 1 }, manyDevices(2));
    expect(submitAll(tenant, START)).toEqual([201, 429]);
    expect(submitAll(tenant, START + 20 * SECOND, 1)).toEqual([201]);
  });

  it('is eaten into by sessions in the portal that callers cannot see', () => {
    const inPortal = anna({ computerDnsName: 'in-portal', portalSession: true });
    const tenant = tenantWith({ sessions: 4, portalSessions: 2 }, [...manyDevices(3), inPortal]);
    expect(submitAll(tenant, START)).toEqual([201, 429, 429, 400]);
    expect(broken(tenant)).toEqual([]);
  });

  it('is eaten into by a number that is drawn anew every ten minutes', () => {
    const tenant = tenantWith({ portalSessions: { below: 9, redrawMs: 10 * MINUTE }, sessions: 8 }, manyDevices(10));
    const passed = Array.from({ length: 12 }, (_, round) => created(submitAll(tenant, START + round * 10 * MINUTE)));
    expect(new Set(passed).size).toBeGreaterThan(2);
    expect(Math.max(...passed)).toBeLessThanOrEqual(8);
  });
});

describe('the verdict on limits', () => {
  it('finds a caller that sent more than ten submits in a minute, and its refusals', () => {
    const tenant = tenantWith({}, manyDevices(12));
    submitAll(tenant, START);
    expect(broken(tenant)).toEqual([
      { limit: 'submitsSent', endpoint: 'runLiveResponse', at: START, times: 2 },
      { limit: 'refused', endpoint: 'runLiveResponse', at: START, times: 2, refusal: 'submitRate' },
    ]);
  });

  it('finds nothing against a caller that keeps to them, and holds no scripted 429 against anyone', () => {
    const tenant = tenantWith({ throttleSpells: { everyMs: 10 * MINUTE, forMs: 20 * SECOND } }, manyDevices(12));
    submitAll(tenant, START, 0, 10);
    submitAll(tenant, START + MINUTE, 10, 12);
    const refused = tenant.listActions({}, START + 10 * MINUTE);
    expect([refused.status, refused.headers['Retry-After']]).toEqual([429, '10']);
    expect(tenant.listActions({}, START + 10 * MINUTE + 20 * SECOND).status).toBe(200);
    expect(broken(tenant)).toEqual([]);
  });
});
