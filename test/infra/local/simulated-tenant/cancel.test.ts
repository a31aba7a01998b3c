import { describe, expect, it } from 'vitest';
import {
  ANNA,
  actionAt,
  anna,
  codeOf,
  HOUR,
  MINUTE,
  request,
  SECOND,
  START,
  statusAt,
  submitted,
  tenantWith,
} from './virtual-tenant.ts';

describe('a cancel', () => {
  it('answers at once with the same action, and takes effect later', () => {
    const tenant = tenantWith({}, [anna({ awake: 'never' })]);
    const actionId = submitted(tenant);
    const reply = tenant.cancel(actionId, { Comment: 'not needed' }, START + HOUR);
    expect(reply).toMatchObject({
      status: 200,
      body: { id: actionId, status: 'Pending', cancellationComment: 'not needed' },
    });
    expect(statusAt(tenant, actionId, START + HOUR + 9 * SECOND)).toBe('Pending');
    expect(statusAt(tenant, actionId, START + HOUR + 10 * SECOND)).toBe('Cancelled');
  });

  it('loses against a run that begins before it takes effect', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    tenant.cancel(actionId, {}, START + SECOND);
    expect(statusAt(tenant, actionId, START + 12 * SECOND)).toBe('InProgress');
    expect(statusAt(tenant, actionId, START + MINUTE)).toBe('Succeeded');
  });

  it('wins against a run that would begin after it', () => {
    const tenant = tenantWith({ cancelDelayMs: 5 * SECOND });
    const actionId = submitted(tenant);
    tenant.cancel(actionId, {}, START + SECOND);
    expect(statusAt(tenant, actionId, START + MINUTE)).toBe('Cancelled');
    expect(actionAt(tenant, actionId, START + MINUTE).commands[0]?.commandStatus).toBe('Created');
  });

  it('hides a run that went through, where that is switched on', () => {
    const tenant = tenantWith({ cancelHidesRun: true });
    const actionId = submitted(tenant);
    tenant.cancel(actionId, {}, START + 12 * SECOND);
    const action = actionAt(tenant, actionId, START + MINUTE);
    expect([action.status, action.commands[0]?.commandStatus]).toEqual(['Cancelled', 'Completed']);
  });

  it('may be asked for twice, but not of an action that has ended', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    expect(tenant.cancel(actionId, {}, START).status).toBe(200);
    expect(tenant.cancel(actionId, {}, START + SECOND).status).toBe(200);
    expect(tenant.cancel(actionId, {}, START + MINUTE).status).toBe(400);
  });

  it('of an action that nobody knows is a 404', () => {
    expect(tenantWith().cancel('nobody', {}, START).status).toBe(404);
  });

  it('leaves a lock behind for a while, with nothing in the list, where that is switched on', () => {
    const tenant = tenantWith({ lockLingersMs: MINUTE }, [anna({ awake: 'never' })]);
    tenant.cancel(submitted(tenant), {}, START);
    expect(codeOf(tenant.submit(ANNA, request(), START + 30 * SECOND))).toBe('ActiveRequestAlreadyExists');
    expect(tenant.submit(ANNA, request(), START + 70 * SECOND).status).toBe(201);
  });
});
