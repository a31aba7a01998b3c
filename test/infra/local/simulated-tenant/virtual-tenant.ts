import type { MachineActionEntity } from '../../../../infra/local/simulated-tenant/model/machine-action.ts';
import type { ListBody } from '../../../../infra/local/simulated-tenant/model/reading-actions.ts';
import type { ErrorBody, Reply } from '../../../../infra/local/simulated-tenant/model/reply.ts';
import {
  type DeviceInput,
  machineIdOf,
  type ScenarioInput,
} from '../../../../infra/local/simulated-tenant/model/scenario.ts';
import { TenantModel } from '../../../../infra/local/simulated-tenant/model/tenant-model.ts';

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
/** When virtual time begins. */
export const START = Date.parse('2026-03-01T08:00:00Z');

export const ANNA = machineIdOf('anna');

/** A device called `anna` that begins after 10 s, runs each command 5 s, and lags 5 s. */
export function anna(more: Partial<DeviceInput> = {}): DeviceInput {
  return { computerDnsName: 'anna', startDelayMs: 10 * SECOND, runMs: 5 * SECOND, lagMs: 5 * SECOND, ...more };
}

/** A tenant in virtual time, with the switches of interest and, unless others are given, the device `anna` alone. */
export function tenantWith(switches: ScenarioInput['switches'] = {}, devices: DeviceInput[] = [anna()]): TenantModel {
  return new TenantModel({ devices, switches }, { startedAt: START });
}

export function manyDevices(count: number): DeviceInput[] {
  return Array.from({ length: count }, (_, index) => anna({ computerDnsName: `device-${index}` }));
}

export const RUN_SCRIPT = { type: 'RunScript', params: [{ key: 'ScriptName', value: 'collect.ps1' }] };
export const GET_FILE = { type: 'GetFile', params: [{ key: 'Path', value: 'C:\\out.zip' }] };
export const PUT_FILE = { type: 'PutFile', params: [{ key: 'FileName', value: 'tool.exe' }] };

export function request(...commands: unknown[]) {
  return { Commands: commands.length === 0 ? [GET_FILE] : commands, Comment: 'attempt-1' };
}

/** The code of an error reply; undefined for a success or an empty body. */
export function codeOf(reply: Reply<unknown>): string | undefined {
  return (reply.body as ErrorBody | undefined)?.error?.code;
}

/** The entity of a reply that must be a success. */
export function entityOf<Body>(reply: Reply<Body | ErrorBody>): Body {
  if (reply.body === undefined || reply.status >= 300) throw new Error(`refused: ${JSON.stringify(reply)}`);
  return reply.body as Body;
}

/** Submits one GetFile (or what is given) for `anna`. @returns the action's id */
export function submitted(tenant: TenantModel, at = START, ...commands: unknown[]): string {
  return entityOf<MachineActionEntity>(tenant.submit(ANNA, request(...commands), at)).id;
}

export function actionAt(tenant: TenantModel, actionId: string, at: number): MachineActionEntity {
  return entityOf<MachineActionEntity>(tenant.readAction(actionId, at));
}

export function statusAt(tenant: TenantModel, actionId: string, at: number): string {
  return actionAt(tenant, actionId, at).status;
}

export function listed(tenant: TenantModel, query: Record<string, string>, at = START): MachineActionEntity[] {
  return entityOf<ListBody<MachineActionEntity>>(tenant.listActions(query, at)).value;
}
