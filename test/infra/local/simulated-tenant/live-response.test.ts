import { describe, expect, it } from 'vitest';
import type { MachineActionEntity } from '../../../../infra/local/simulated-tenant/model/machine-action.ts';
import type { ErrorBody } from '../../../../infra/local/simulated-tenant/model/reply.ts';
import {
  ANNA,
  actionAt,
  anna,
  codeOf,
  entityOf,
  GET_FILE,
  HOUR,
  listed,
  MINUTE,
  PUT_FILE,
  RUN_SCRIPT,
  request,
  SECOND,
  START,
  statusAt,
  submitted,
  tenantWith,
} from './virtual-tenant.ts';

describe('a submit', () => {
  it('looks the machine up before it reads the body', () => {
    const reply = tenantWith().submit('f'.repeat(40), { nonsense: true }, START);
    expect([reply.status, codeOf(reply)]).toEqual([404, 'ResourceNotFound']);
  });

  it('gives every error a target of its own, which is no action', () => {
    const tenant = tenantWith();
    const target = () => (tenant.submit('x', {}, START).body as ErrorBody).error.target;
    expect(target()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(target()).not.toBe(target());
  });

  it.each([
    [undefined, 'InvalidRequestBody'],
    [{ commands: [GET_FILE], Comment: 'c' }, 'InvalidRequestBody'],
    [{ Comment: 'c' }, 'MissingRequiredParameter'],
    [{ Commands: [], Comment: 'c' }, 'InvalidRequestBody'],
    [{ Commands: [GET_FILE] }, 'MissingRequiredParameter'],
    [request({ type: 'getfile', params: GET_FILE.params }), 'InvalidRequestBody'],
    [request({ type: 'GetFile', params: [{ key: 'path', value: 'C:\\x' }] }), 'InvalidRequestBody'],
    [request({ type: 'RunScript', params: [{ key: 'Args', value: '-x' }] }), 'MissingRequiredParameter'],
    [request({ type: 'GetFile', params: [{ key: 'Path', value: 7 }] }), 'InvalidRequestBody'],
    [request(GET_FILE, RUN_SCRIPT), 'InvalidInput'],
  ])('refuses %j with %s', (body, code) => {
    const reply = tenantWith().submit(ANNA, body, START);
    expect([reply.status, codeOf(reply)]).toEqual([400, code]);
  });

  it('answers 201 with the whole action, nulls included', () => {
    const reply = tenantWith().submit(ANNA, request(PUT_FILE, RUN_SCRIPT, GET_FILE), START);
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      '@odata.context': expect.stringContaining('$metadata#MachineActions/$entity'),
      type: 'LiveResponse',
      title: null,
      requestorComment: 'attempt-1',
      status: 'Pending',
      machineId: ANNA,
      computerDnsName: 'anna',
      cancellationDateTimeUtc: null,
      errorHResult: 0,
      externalId: null,
      requestSource: 'PublicApi',
      troubleshootInfo: null,
    });
    const { commands } = entityOf<MachineActionEntity>(reply);
    expect(commands.map((command) => command.commandStatus)).toEqual(['Created', 'Created', 'Created']);
    expect(commands[2]).toMatchObject({ index: 2, startTime: null, endTime: null, errors: [], command: GET_FILE });
  });

  it('is refused while the device has an action, without a word about which', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    const reply = tenant.submit(ANNA, request(), START + SECOND);
    expect([reply.status, codeOf(reply)]).toEqual([400, 'ActiveRequestAlreadyExists']);
    expect(JSON.stringify(reply.body)).not.toContain(actionId);
    expect(tenant.submit(ANNA, request(), START + MINUTE).status).toBe(201);
  });

  it('is refused because of a session in the portal that no list shows', () => {
    const tenant = tenantWith({}, [anna({ portalSession: { toMs: MINUTE } })]);
    expect(codeOf(tenant.submit(ANNA, request(), START))).toBe('ActiveRequestAlreadyExists');
    expect(listed(tenant, { $filter: `machineId eq '${ANNA}'` })).toEqual([]);
    expect(tenant.submit(ANNA, request(), START + MINUTE).status).toBe(201);
  });

  it('gets the existing action of a double submit, where that is switched on', () => {
    const tenant = tenantWith({ existingActionWithinMs: 2 * SECOND });
    const actionId = submitted(tenant);
    const again = tenant.submit(ANNA, { ...request(), Comment: 'another attempt' }, START + SECOND);
    expect(again).toMatchObject({ status: 201, body: { id: actionId, requestorComment: 'attempt-1' } });
    expect(tenant.submit(ANNA, request(), START + 3 * SECOND).status).toBe(400);
  });

  it.each([
    [{ liveResponseDisabled: true }, {}, 403, 'DisabledFeature'],
    [{ serverLiveResponseDisabled: true }, { osPlatform: 'WindowsServer2022' }, 403, 'DisabledFeature'],
    [{}, { remediationLevel: false }, 403, 'DisallowedOperation'],
    [{}, { supported: false }, 400, 'OsPlatformNotSupported'],
    [{ missingRoles: ['Machine.LiveResponse'] }, {}, 403, 'Forbidden'],
    [{ missingScripts: 'refusedAtSubmit' as const }, {}, 400, 'InvalidInput'],
  ])('with %j on a device with %j is refused: %i %s', (switches, device, status, code) => {
    const reply = tenantWith(switches, [anna(device)]).submit(ANNA, request(RUN_SCRIPT), START);
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  });
});

describe('an action', () => {
  it('goes from Pending by InProgress to Succeeded, its end lagging behind its last command', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant, START, RUN_SCRIPT, GET_FILE);
    const seen = [0, 10, 15, 20, 24.9, 25].map((second) => {
      const { status, commands } = actionAt(tenant, actionId, START + second * SECOND);
      return [status, ...commands.map((command) => command.commandStatus)];
    });
    expect(seen).toEqual([
      ['Pending', 'Created', 'Created'],
      ['InProgress', 'Submitted', 'Created'],
      ['InProgress', 'Completed', 'Submitted'],
      ['InProgress', 'Completed', 'Completed'],
      ['InProgress', 'Completed', 'Completed'],
      ['Succeeded', 'Completed', 'Completed'],
    ]);
  });

  it('shows the states between a command that is created and one that is completed', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    const statuses = [10.2, 10.7, 12].map(
      (s) => actionAt(tenant, actionId, START + s * SECOND).commands[0]?.commandStatus,
    );
    expect(statuses).toEqual(['Submitted', 'PendingResource', 'Executing']);
  });

  it('stays Pending while its command is Completed, where that is switched on', () => {
    const tenant = tenantWith({ actionStaysPending: true });
    const actionId = submitted(tenant);
    const { status, commands } = actionAt(tenant, actionId, START + 16 * SECOND);
    expect([status, commands[0]?.commandStatus]).toEqual(['Pending', 'Completed']);
  });

  it('stops at a command that fails: later ones stay Created and the action is Failed', () => {
    const fails = { errors: ['The file is locked'], errorHResult: -2147024864 };
    const tenant = tenantWith({}, [anna({ commands: [{ type: 'RunScript', fails }] })]);
    const actionId = submitted(tenant, START, PUT_FILE, RUN_SCRIPT, GET_FILE);
    const action = actionAt(tenant, actionId, START + MINUTE);
    expect(action.status).toBe('Failed');
    expect(action.errorHResult).toBe(-2147024864);
    expect(action.commands.map((command) => command.commandStatus)).toEqual(['Completed', 'Failed', 'Created']);
    expect(action.commands[1]?.errors).toEqual(['The file is locked']);
  });

  it('succeeds although its command failed, where that is switched on', () => {
    const tenant = tenantWith({ failedCommandFailsAction: false }, [anna({ commands: [{ fails: {} }] })]);
    const action = actionAt(tenant, submitted(tenant), START + MINUTE);
    expect([action.status, action.commands[0]?.commandStatus]).toEqual(['Succeeded', 'Failed']);
  });

  it('times out when its script runs longer than ten minutes', () => {
    const tenant = tenantWith({}, [anna({ runMs: HOUR })]);
    const actionId = submitted(tenant, START, RUN_SCRIPT);
    expect(statusAt(tenant, actionId, START + 10 * MINUTE)).toBe('InProgress');
    const action = actionAt(tenant, actionId, START + 11 * MINUTE);
    expect([action.status, action.commands[0]?.commandStatus]).toEqual(['TimeOut', 'Failed']);
  });

  it.each([
    [259_200_000, 72],
    [7_200_000, 2],
  ])('on a sleeping device waits %i ms and ends as TimeOut', (pendingTimeoutMs, hours) => {
    const tenant = tenantWith({ pendingTimeoutMs }, [anna({ awake: 'never' })]);
    const actionId = submitted(tenant);
    expect(statusAt(tenant, actionId, START + hours * HOUR - 1)).toBe('Pending');
    expect(statusAt(tenant, actionId, START + hours * HOUR)).toBe('TimeOut');
  });

  it('begins when its sleeping device is woken, and goes on when the device falls asleep again', () => {
    const tenant = tenantWith({}, [anna({ awake: 'never' })]);
    const actionId = submitted(tenant);
    tenant.wake('anna', START + HOUR);
    expect(statusAt(tenant, actionId, START + HOUR + 9 * SECOND)).toBe('Pending');
    tenant.sleep('anna', START + HOUR + 11 * SECOND);
    expect(statusAt(tenant, actionId, START + HOUR + 20 * SECOND)).toBe('Succeeded');
  });

  it('waits again when its device falls asleep before the run', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    tenant.sleep('anna', START + 9 * SECOND);
    expect(statusAt(tenant, actionId, START + HOUR)).toBe('Pending');
  });

  it('is not to be read, nor in a list, for a while after its submit, where that is switched on', () => {
    const tenant = tenantWith({ readGapMs: 5 * SECOND });
    const actionId = submitted(tenant);
    expect(tenant.readAction(actionId, START + SECOND).status).toBe(404);
    expect(listed(tenant, {}, START + SECOND)).toEqual([]);
    expect(listed(tenant, {}, START + 5 * SECOND)).toHaveLength(1);
  });

  it('passes sooner where time is scaled', () => {
    const tenant = tenantWith({ timeScale: 10 });
    expect(statusAt(tenant, submitted(tenant), START + 2 * SECOND)).toBe('Succeeded');
  });

  it('shows what no document lists, where that is switched on', () => {
    const tenant = tenantWith({ extraFields: true, unknownStatuses: true, lastUpdateField: 'lastUpdateTimeUtc' });
    const actionId = submitted(tenant);
    const early = actionAt(tenant, actionId, START);
    expect(early.status).toBe('Queued');
    expect(early).toHaveProperty('sessionTelemetry');
    expect(early).toHaveProperty('lastUpdateTimeUtc');
    expect(early).not.toHaveProperty('lastUpdateDateTimeUtc');
    expect(actionAt(tenant, actionId, START + 14.5 * SECOND).commands[0]?.commandStatus).toBe('Uploading');
  });

  it.each([
    [0, /^2026-03-01T08:00:00Z$/],
    [3, /^2026-03-01T08:00:00\.123Z$/],
    [7, /^2026-03-01T08:00:00\.123\d{1,4}Z$/],
  ])('writes instants with up to %i fractional digits', (fractionDigits, expected) => {
    const tenant = tenantWith({ fractionDigits });
    expect(actionAt(tenant, submitted(tenant, START + 123), START + 123).creationDateTimeUtc).toMatch(expected);
  });
});

describe('a list of actions', () => {
  it('gives many actions for one call, newest first, with count and pages', () => {
    const devices = ['a', 'b', 'c', 'd'].map((computerDnsName) => anna({ computerDnsName }));
    const tenant = tenantWith({ pageSize: 2 }, devices);
    const ids = [...tenant.state.devices.keys()].map(
      (machineId, index) =>
        entityOf<MachineActionEntity>(tenant.submit(machineId, request(), START + index * SECOND)).id,
    );
    const $filter = `id in (${ids.map((id) => `'${id}'`).join(',')})`;
    const first = tenant.listActions({ $filter, $count: 'true', $top: '3' }, START + MINUTE);
    expect(first.body).toMatchObject({ '@odata.count': 4, value: [{ id: ids[3] }, { id: ids[2] }] });
    const next = new URL((first.body as { '@odata.nextLink': string })['@odata.nextLink']);
    const second = tenant.listActions(next.searchParams, START + MINUTE);
    expect(second.body).toMatchObject({ value: [{ id: ids[1] }] });
    expect(second.body).not.toHaveProperty('@odata.nextLink');
    expect(listed(tenant, { $orderby: 'creationDateTimeUtc asc', $skip: '1', $top: '1' }, START + MINUTE)[0]?.id).toBe(
      ids[1],
    );
  });

  it('finds by status, machine and age', () => {
    const tenant = tenantWith();
    const actionId = submitted(tenant);
    const found = ($filter: string, at: number) => listed(tenant, { $filter }, at).map((action) => action.id);
    expect(found("status eq 'Pending'", START + SECOND)).toEqual([actionId]);
    expect(found("status in ('Pending','InProgress')", START + 12 * SECOND)).toEqual([actionId]);
    expect(found("status eq 'Pending'", START + MINUTE)).toEqual([]);
    expect(found(`machineId eq '${ANNA.toUpperCase()}' AND type eq 'LiveResponse'`, START + MINUTE)).toEqual([
      actionId,
    ]);
    expect(found(`creationDateTimeUtc ge ${new Date(START).toISOString()}`, START + MINUTE)).toEqual([actionId]);
    expect(found(`creationDateTimeUtc gt ${new Date(START).toISOString()}`, START + MINUTE)).toEqual([]);
  });

  it.each([{ $filter: "requestorComment eq 'x'" }, { $top: '10001' }, { $frobnicate: '1' }, { $orderby: 'nothing' }])(
    'refuses %j with ODataError',
    (query: Record<string, string>) => {
      const reply = tenantWith().listActions(query, START);
      expect([reply.status, codeOf(reply)]).toEqual([400, 'ODataError']);
    },
  );
});
