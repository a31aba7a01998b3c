import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { isAwake } from '../model/device-timeline.ts';
import { ScriptedFault } from '../model/faults.ts';
import { DeviceSpec, type ScenarioInput } from '../model/scenario.ts';
import { type Exchange, readJson, sendJson } from './exchange.ts';
import { RECORD_PARTS, recordView } from './record-view.ts';
import type { ServedTenant } from './served-tenant.ts';

/** The surface for tests and demonstrations, `/simulator/...`: no token is asked for, and no budget counts. */
const CONTROLS = {
  'GET /simulator': 'this page',
  'PUT /simulator/scenario': 'start over with {seed, devices, library, switches}; POST does the same',
  'GET /simulator/switches': 'the switches as they stand',
  'PATCH /simulator/switches': 'set some of them',
  'GET /simulator/devices': 'the devices, and whether each is awake',
  'POST /simulator/devices': 'add or replace a device, or a list of them',
  'PATCH /simulator/devices/{id or name}': 'change some of its description, such as portalSession',
  'POST /simulator/devices/{id or name}/wake': 'awake from now on',
  'POST /simulator/devices/{id or name}/sleep': 'asleep from now on',
  'GET /simulator/faults': 'the scripted faults still to come',
  'POST /simulator/faults': 'the next {times} calls to {endpoint}, after {skip} of them, get {fault}; one or a list',
  'DELETE /simulator/faults': 'forget them',
  'POST /simulator/tokens/expire': 'end every token that the token endpoint has issued',
  'GET /simulator/record': `what the tenant saw; ?parts=${RECORD_PARTS.join(',')} for some of it`,
} as const;

type Answer = { status: number; body: unknown };
const answered = (body: unknown, status = 200): Answer => ({ status, body });

/** @returns whether the request was one to the control surface */
export async function serveControl(
  tenant: ServedTenant,
  exchange: Exchange,
  response: ServerResponse,
): Promise<boolean> {
  if (!/^\/simulator(\/|$)/.test(exchange.path)) return false;
  const { status, body } = await controlAnswer(tenant, exchange).catch((error: unknown) => {
    if (error instanceof z.ZodError)
      return answered({ error: { code: 'InvalidRequest', message: faultsOf(error) } }, 400);
    throw error;
  });
  sendJson(response, status, body, { 'Content-Type': 'application/json; charset=utf-8' });
  return true;
}

async function controlAnswer(tenant: ServedTenant, { method, path, query, request }: Exchange): Promise<Answer> {
  const { model } = tenant;
  const device = /^\/simulator\/devices\/([^/]+)\/(wake|sleep)$/.exec(path);
  if (method === 'POST' && device !== null) return setAwake(tenant, device[1] ?? '', device[2] === 'wake');
  const named = /^\/simulator\/devices\/([^/]+)$/.exec(path);
  if (method === 'PATCH' && named !== null) return changeDevice(tenant, named[1] ?? '', await readJson(request));
  switch (`${method} ${path.replace(/\/$/, '')}`) {
    case 'GET /simulator':
      return answered({
        what: 'A simulated Microsoft Defender for Endpoint tenant',
        api: `${tenant.url}/api`,
        controls: CONTROLS,
      });
    case 'PUT /simulator/scenario':
    case 'POST /simulator/scenario':
      tenant.load((await readJson(request)) as ScenarioInput);
      return answered({ devices: devicesView(tenant) });
    case 'GET /simulator/switches':
      return answered(model.state.switches);
    case 'PATCH /simulator/switches':
      model.setSwitches(await readJson(request));
      return answered(model.state.switches);
    case 'GET /simulator/devices':
      return answered(devicesView(tenant));
    case 'POST /simulator/devices':
      return addDevices(tenant, await readJson(request));
    case 'GET /simulator/faults':
      return answered(model.state.faults.waiting());
    case 'POST /simulator/faults':
      for (const fault of oneOrMore(ScriptedFault).parse(await readJson(request))) model.state.faults.add(fault);
      return answered(model.state.faults.waiting());
    case 'DELETE /simulator/faults':
      model.state.faults.clear();
      return answered([]);
    case 'POST /simulator/tokens/expire':
      tenant.tokens.expireAll();
      return answered({});
    case 'GET /simulator/record':
      return answered(await recordView(tenant, recordParts(query.get('parts'))));
    default:
      return answered({ error: { code: 'NotFound', message: `GET ${tenant.url}/simulator lists what there is` } }, 404);
  }
}

function recordParts(parts: string | null) {
  return parts === null ? RECORD_PARTS : z.array(z.enum(RECORD_PARTS)).parse(parts.split(','));
}

function setAwake(tenant: ServedTenant, idOrName: string, awake: boolean): Answer {
  const found = awake ? tenant.model.wake(idOrName, tenant.now()) : tenant.model.sleep(idOrName, tenant.now());
  return found ? answered({ device: idOrName, awake }) : noDevice(idOrName);
}

function changeDevice(tenant: ServedTenant, idOrName: string, changes: unknown): Answer {
  const device = tenant.model.changeDevice(idOrName, changes, tenant.now());
  return device === undefined ? noDevice(idOrName) : answered(device.spec);
}

/** All of them, or none where one has a fault. */
function addDevices(tenant: ServedTenant, body: unknown): Answer {
  const specs = oneOrMore(DeviceSpec).parse(body);
  for (const spec of specs) tenant.model.addDevice(spec, tenant.now());
  return answered(specs.map(({ id, computerDnsName }) => ({ id, computerDnsName })));
}

function noDevice(idOrName: string): Answer {
  return answered({ error: { code: 'NotFound', message: `There is no device '${idOrName}'` } }, 404);
}

function devicesView(tenant: ServedTenant) {
  return [...tenant.model.state.devices.values()].map((device) => ({
    id: device.id,
    computerDnsName: device.spec.computerDnsName,
    awake: isAwake(device.pattern, tenant.now()),
    machineTags: device.spec.machineTags,
  }));
}

function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(schema));
}

/** Every fault of a body in one line, each with the place that it names. */
export function faultsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
}
