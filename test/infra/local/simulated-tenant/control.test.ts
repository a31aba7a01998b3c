import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SCENARIO } from '../../../../infra/local/simulated-tenant/default-scenario.ts';
import { Scenario } from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { ranOn, type ServedForTest, serveTenant } from './served.ts';
import { ANNA, anna, request } from './virtual-tenant.ts';

let tenant: ServedForTest;
beforeEach(async () => {
  tenant = await serveTenant();
});
afterEach(() => tenant.close());

const json = async (response: Response): Promise<unknown> => response.json();

describe('the control surface', () => {
  it('says what it is and what it takes', async () => {
    expect(await json(await tenant.control('GET', ''))).toMatchObject({
      api: `${tenant.url}/api`,
      controls: { 'GET /simulator/record': expect.any(String) },
    });
    expect((await tenant.control('GET', '/nothing')).status).toBe(404);
  });

  it('starts over with another scenario', async () => {
    await ranOn(tenant);
    const scenario = { devices: [{ computerDnsName: 'boris', awake: 'never' }], switches: { sessions: 50 } };
    const response = await tenant.control('PUT', '/scenario', scenario);
    expect(await json(response)).toMatchObject({ devices: [{ computerDnsName: 'boris', awake: false }] });
    expect(tenant.model.state.switches.sessions).toBe(50);
    expect(await tenant.record(['actions'])).toMatchObject({ actions: [] });
  });

  it('does not repeat the ids of actions when a scenario is loaded again', async () => {
    const first = await ranOn(tenant);
    tenant.load({ devices: [anna()] });
    expect(await ranOn(tenant)).not.toBe(first);
  });

  it.each([
    ['PUT', '/scenario', { devices: [{ computerDnsName: 'x', colour: 'red' }] }, /devices\.0.*colour/],
    ['PUT', '/scenario', { switches: { sesions: 3 } }, /sesions/],
    ['PATCH', '/switches', { sessions: 'many' }, /sessions/],
    ['PATCH', '/switches', { results: { rangs: true } }, /rangs/],
    ['PATCH', '/switches', { timeScale: 60 }, /timeScale: load a scenario/],
    ['POST', '/faults', { endpoint: 'nothing', fault: { kind: 'reset' } }, /endpoint/],
    ['POST', '/devices', [{ computerDnsName: 'ok' }, { id: 'short', computerDnsName: 'x' }], /1\.id/],
    ['GET', '/record?parts=secrets', undefined, /secrets|parts|Invalid/],
  ])('refuses %s %s with %j by name', async (method, path, body, message) => {
    const response = await tenant.control(method, path, body);
    expect(response.status).toBe(400);
    expect(JSON.stringify(await json(response))).toMatch(message);
  });

  it('keeps the other switches when some are set', async () => {
    await tenant.control('PATCH', '/switches', { sessions: 3, results: { notFoundFirst: 1 } });
    await tenant.control('PATCH', '/switches', { results: { ranges: false } });
    expect(tenant.model.state.switches).toMatchObject({ sessions: 3, results: { notFoundFirst: 1, ranges: false } });
  });

  it('adds, changes, wakes and puts to sleep', async () => {
    await tenant.control('POST', '/devices', { computerDnsName: 'boris', awake: 'never' });
    await tenant.control('POST', '/devices/boris/wake');
    await tenant.control('PATCH', '/devices/boris', { machineTags: ['lab'] });
    await tenant.control('POST', '/devices/anna/sleep');
    expect(await json(await tenant.control('GET', '/devices'))).toMatchObject([
      { computerDnsName: 'anna', awake: false },
      { computerDnsName: 'boris', awake: true, machineTags: ['lab'] },
    ]);
    expect((await tenant.control('POST', '/devices/nobody/wake')).status).toBe(404);
    expect((await tenant.control('PATCH', '/devices/nobody', {})).status).toBe(404);
  });

  it('lists scripted faults and forgets them', async () => {
    const fault = { endpoint: '*', times: 3, skip: 0, fault: { kind: 'reset' } };
    expect(await json(await tenant.control('POST', '/faults', fault))).toEqual([fault]);
    await tenant.control('DELETE', '/faults');
    expect(await json(await tenant.control('GET', '/faults'))).toEqual([]);
  });

  it('shows the record: calls, actions, runs, results and verdicts, and no secret', async () => {
    const actionId = await ranOn(tenant);
    const text = await (await tenant.control('GET', '/record')).text();
    expect(JSON.parse(text)).toMatchObject({
      callCounts: { runLiveResponse: 1 },
      calls: [{ endpoint: 'runLiveResponse', status: 201, machineId: ANNA, actionId }],
      actions: [{ actionId, status: 'Succeeded', requestorComment: 'attempt-1' }],
      runs: [{ actionId, machineId: ANNA, commands: [{ index: 0, type: 'GetFile', failed: false }] }],
      results: [{ actionId, machineId: ANNA, index: 0, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      verdicts: { runsByAttempt: { 'attempt-1': 1 }, attemptsThatRanAgain: [], limitsBroken: [], openActions: 0 },
    });
    expect(text).not.toContain('simulated-token');
  });

  it('records calls that were refused for want of a token', async () => {
    await fetch(`${tenant.url}/api/machines/${ANNA}/runliveresponse`, {
      method: 'POST',
      body: JSON.stringify(request()),
    });
    expect(await tenant.record(['calls'])).toMatchObject({ calls: [{ status: 401, code: 'Unauthorized' }] });
  });
});

describe('the default scenario', () => {
  it('has a dozen devices: asleep, busy, tagged, inactive under the same name, a mac', () => {
    const { devices } = Scenario.parse(DEFAULT_SCENARIO);
    expect(devices.length).toBeGreaterThanOrEqual(12);
    expect(new Set(devices.map((device) => device.id)).size).toBe(devices.length);
    expect(devices.filter((device) => device.machineTags.includes('finance')).length).toBeGreaterThan(2);
    expect(devices.some((device) => device.portalSession !== false)).toBe(true);
    expect(devices.some((device) => device.osPlatform === 'macOS')).toBe(true);
  });
});
