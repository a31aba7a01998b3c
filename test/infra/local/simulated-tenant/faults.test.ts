import { describe, expect, it } from 'vitest';
import { runsByAttempt } from '../../../../infra/local/simulated-tenant/model/verdicts.ts';
import { ANNA, listed, MINUTE, request, SECOND, START, submitted, tenantWith } from './virtual-tenant.ts';

describe('a fault', () => {
  it('can break the connection before anything happens', () => {
    const tenant = tenantWith();
    tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip: 0, fault: { kind: 'reset' } });
    expect(tenant.submit(ANNA, request(), START).lost).toBe('request');
    expect(listed(tenant, {})).toEqual([]);
  });

  it('can lose the reply of a submit that took effect', () => {
    const tenant = tenantWith();
    tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip: 0, fault: { kind: 'loseReply' } });
    expect(tenant.submit(ANNA, request(), START).lost).toBe('reply');
    expect(listed(tenant, {})).toMatchObject([{ requestorComment: 'attempt-1' }]);
  });

  it('can be an error after a submit that took effect', () => {
    const tenant = tenantWith();
    const fault = { kind: 'error' as const, status: 504, message: '', afterEffect: true };
    tenant.state.faults.add({ endpoint: 'runLiveResponse', times: 1, skip: 0, fault });
    expect(tenant.submit(ANNA, request(), START).status).toBe(504);
    expect(listed(tenant, {})).toHaveLength(1);
  });

  it('can be a 500 with nothing in it, a 500 with an empty message, or a 200 with nothing in it', () => {
    const tenant = tenantWith();
    const add = (fault: Parameters<typeof tenant.state.faults.add>[0]['fault']) =>
      tenant.state.faults.add({ endpoint: '*', times: 1, skip: 0, fault });
    add({ kind: 'error', status: 500, message: '' });
    add({ kind: 'error', status: 500, code: 'InternalServerError', message: '' });
    add({ kind: 'emptyBody' });
    const replies = [1, 2, 3, 4].map(() => tenant.listActions({}, START));
    expect(replies.map((reply) => reply.status)).toEqual([500, 500, 200, 200]);
    expect(replies.map((reply) => reply.body)).toMatchObject([
      undefined,
      { error: { code: 'InternalServerError', message: '' } },
      undefined,
      { value: [] },
    ] as object[]);
  });

  it('strikes the named endpoint alone, as often as told, after those it skips', () => {
    const tenant = tenantWith();
    tenant.state.faults.add({
      endpoint: 'listMachines',
      times: 2,
      skip: 1,
      fault: { kind: 'throttle', retryAfterSeconds: 7 },
    });
    expect(tenant.listActions({}, START).status).toBe(200);
    const replies = [1, 2, 3, 4].map(() => tenant.listMachines({}, START));
    expect(replies.map((reply) => reply.status)).toEqual([200, 429, 429, 200]);
    expect(replies[1]?.headers['Retry-After']).toBe('7');
  });

  it('strikes by chance as the seed says, the same each time', () => {
    const story = () => {
      const fault = { kind: 'error' as const, status: 503 };
      const tenant = tenantWith({ faultRates: [{ endpoint: '*', probability: 0.3, fault }] });
      return Array.from({ length: 90 }, () => tenant.listActions({}, START).status);
    };
    const struck = story().filter((status) => status === 503).length;
    expect(struck).toBeGreaterThan(10);
    expect(struck).toBeLessThan(50);
    expect(story()).toEqual(story());
  });
});

describe('the verdict on attempts', () => {
  it('counts how often the commands of one token began', () => {
    const tenant = tenantWith();
    submitted(tenant, START);
    submitted(tenant, START + MINUTE);
    const runs = (at: number) => ({ ...runsByAttempt(tenant.state.ledger.all, at) });
    expect(runs(START + 9 * SECOND)).toEqual({});
    expect(runs(START + MINUTE)).toEqual({ 'attempt-1': 1 });
    expect(runs(START + 2 * MINUTE)).toEqual({ 'attempt-1': 2 });
  });
});
