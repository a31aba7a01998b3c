import type { Device } from './device.ts';
import {
  addressesOf,
  MACHINE_FIELDS,
  type MachineEntity,
  machineEntity,
  machineReader,
  wasSeenAround,
} from './machine-entity.ts';
import { ODataFault } from './odata-filter.ts';
import { requiredValues } from './odata-match.ts';
import { type ListQuery, nextLink, pageOf, parseListQuery } from './odata-query.ts';
import type { ListBody } from './reading-actions.ts';
import { type ErrorBody, ok, type Reply } from './reply.ts';
import type { TenantState } from './tenant-state.ts';

/** `GET /api/machines`; 404 for a tenant without machines. */
export function listMachines(
  state: TenantState,
  query: URLSearchParams,
  now: number,
): Reply<ListBody<MachineEntity> | ErrorBody> {
  let parsed: ListQuery;
  try {
    parsed = parseListQuery(query, MACHINE_FIELDS);
  } catch (fault) {
    if (!(fault instanceof ODataFault)) throw fault;
    return state.refuse(400, 'ODataError', fault.message);
  }
  if (state.devices.size === 0) return state.refuse(404, 'ResourceNotFound', 'No recent machines were found');
  const ids = requiredValues(parsed.filter, 'id');
  const devices = ids?.flatMap((id) => state.devices.get(String(id)) ?? []) ?? state.devices.values();
  const page = pageOf(devices, parsed, (device) => machineReader(device, now), state.switches.pageSize);
  const next = nextLink(`${state.baseUrl}/api/machines`, query, page.rows.length, page);
  return ok({
    '@odata.context': state.context('Machines'),
    ...(parsed.count && { '@odata.count': page.total }),
    value: page.rows.map((device) => machineEntity(device, now, state.switches.fractionDigits)),
    ...(next !== undefined && { '@odata.nextLink': next }),
  });
}

/** `GET /api/machines/{id or computer name}` */
export function readMachine(state: TenantState, idOrName: string, now: number): Reply<MachineEntity | ErrorBody> {
  const device = state.findDevice(idOrName);
  if (device === undefined) return state.refuse(404, 'ResourceNotFound', `Machine ${idOrName} was not found`);
  const context = state.context('Machines/$entity');
  return ok({ '@odata.context': context, ...machineEntity(device, now, state.switches.fractionDigits) });
}

const IP_AGE_LIMIT_MS = 30 * 86_400_000;

/** `GET /api/machines/findbyip(ip='x',timestamp=t)`: machines seen with the address within 15 minutes of the instant. */
export function findByIp(
  state: TenantState,
  ip: string,
  timestamp: string,
  now: number,
): Reply<ListBody<MachineEntity> | ErrorBody> {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at) || at > now + 60_000 || at < now - IP_AGE_LIMIT_MS) {
    return state.refuse(400, 'InvalidInput', 'The timestamp must lie within the past 30 days');
  }
  return listOf(state, now, (device) => addressesOf(device).includes(ip) && wasSeenAround(device, at));
}

/** `GET /api/machines/findbytag?tag=x&useStartsWithFilter=bool` */
export function findByTag(
  state: TenantState,
  tag: string,
  startsWith: boolean,
  now: number,
): Reply<ListBody<MachineEntity> | ErrorBody> {
  if (tag === '') return state.refuse(400, 'MissingRequiredParameter', "Missing required parameter 'tag'");
  const fits = (own: string) => (startsWith ? own.startsWith(tag) : own === tag);
  return listOf(state, now, (device) => device.spec.machineTags.some(fits));
}

function listOf(state: TenantState, now: number, fits: (device: Device) => boolean): Reply<ListBody<MachineEntity>> {
  const found = [...state.devices.values()].filter(fits);
  return ok({
    '@odata.context': state.context('Machines'),
    value: found.map((device) => machineEntity(device, now, state.switches.fractionDigits)),
  });
}
