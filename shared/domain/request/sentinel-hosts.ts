import type { Target } from './collection-request.ts';
import type { Fault } from './fault.ts';
import { dnsNameFault } from './text-rules.ts';

export type HostsFound =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

type Fields = ReadonlyMap<string, unknown>;

/**
 * The devices that a list of Sentinel entities names, each once, in their order.
 *
 * Entities come in three spellings, and keys in any letter case: ARM (`{kind:'Host', properties:{hostName…}}`), flat
 * as the connector's "Get Hosts" gives them (`{HostName…}`), and alert JSON (`{$id, Type:'host', HostName…}`, with
 * `{$ref}` where an entity was written out before). What is not a host is ignored; no host at all is a fault.
 * @see https://learn.microsoft.com/azure/sentinel/entities-reference
 */
export function hostsOf(entities: readonly unknown[]): HostsFound {
  const named = entitiesById(entities);
  const faults: Fault[] = [];
  const targets = new Map<string, Target>();
  for (const [at, entity] of entities.entries()) {
    const fields = hostFields(resolved(entity, named));
    if (!fields) continue;
    const target = hostTarget(fields);
    if (target) targets.set(JSON.stringify(target).toLowerCase(), target);
    else faults.push({ code: 'InvalidValue', target: `entities[${at}]`, message: NAMELESS });
  }
  if (targets.size + faults.length === 0) faults.push({ code: 'NoHosts', target: 'entities', message: NO_HOSTS });
  return faults.length > 0 ? { ok: false, faults } : { ok: true, targets: [...targets.values()] };
}

const NAMELESS =
  'This host has no MdatpDeviceId, FQDN, HostName or AadDeviceId that could name a device. Leave it out, or name the device in targets.';
const NO_HOSTS =
  'None of the entities is a host, and only hosts can be collected from. Check for hosts in the playbook before this call.';

/**
 * The surest name that a host entity gives: Defender's id, the full name, Entra's device id, the bare name.
 * A bare name may fit several machines; the task then fails with the candidates rather than guess.
 */
function hostTarget(fields: Fields): Target | undefined {
  const machineId = text(fields, 'mdatpdeviceid')?.toLowerCase();
  if (machineId && /^[0-9a-f]{40}$/.test(machineId)) return { machineId };

  const bareName = text(fields, 'hostname') ?? text(fields, 'netbiosname') ?? resourceName(fields);
  const fullName = goodName(text(fields, 'fqdn')) ?? goodName(joined(bareName, text(fields, 'dnsdomain')));
  if (fullName?.includes('.')) return { computerDnsName: fullName };

  const aadDeviceId = (text(fields, 'aaddeviceid') ?? text(fields, 'deviceaadid'))?.toLowerCase();
  if (aadDeviceId && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(aadDeviceId)) return { aadDeviceId };

  const name = goodName(bareName) ?? fullName;
  return name ? { computerDnsName: name } : undefined;
}

function joined(name: string | undefined, domain: string | undefined): string | undefined {
  if (name === undefined || domain === undefined || name.includes('.')) return name;
  return `${name}.${domain.replace(/^\.+/, '')}`;
}

function goodName(name: string | undefined): string | undefined {
  const trimmed = name?.replace(/\.+$/, '');
  return trimmed !== undefined && dnsNameFault(trimmed) === undefined ? trimmed : undefined;
}

/** The last step of an Azure resource id is the machine's name there. */
function resourceName(fields: Fields): string | undefined {
  return text(fields, 'azureid')?.split('/').at(-1);
}

/** The fields of a host in lower-case spelling, those of `properties` and `additionalData` included; else undefined. */
function hostFields(entity: unknown): Fields | undefined {
  const own = lowerCased(entity);
  if (!own) return undefined;
  const fields = new Map([
    ...(lowerCased(own.get('additionaldata')) ?? []),
    ...(lowerCased(lowerCased(own.get('properties'))?.get('additionaldata')) ?? []),
    ...own,
    ...(lowerCased(own.get('properties')) ?? []),
  ]);
  // ARM's `type` is a resource type with a slash; the kind of entity stands in `kind`.
  const kind = text(own, 'kind') ?? text(own, 'type');
  if (kind !== undefined && !kind.includes('/')) return kind.toLowerCase() === 'host' ? fields : undefined;
  const looksLikeHost = ['hostname', 'netbiosname', 'fqdn', 'mdatpdeviceid'].some((key) => text(fields, key));
  return looksLikeHost ? fields : undefined;
}

function text(fields: Fields, key: string): string | undefined {
  const value = fields.get(key);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** An object's own fields under lower-case keys. Of two that differ in case alone the first with a value stays. */
function lowerCased(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = new Map<string, unknown>();
  for (const [key, field] of Object.entries(value)) {
    const lower = key.toLowerCase();
    fields.set(lower, fields.get(lower) ?? field);
  }
  return fields;
}

/** Every object that carries a `$id`, however deep: alert JSON writes an entity out where it is first met. */
function entitiesById(entities: readonly unknown[]): ReadonlyMap<string, unknown> {
  const byId = new Map<string, unknown>();
  const open: unknown[] = [...entities];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const { $id } = value as { $id?: unknown };
    if (typeof $id === 'string') byId.set($id, value);
    for (const field of Object.values(value)) open.push(field);
  }
  return byId;
}

function resolved(entity: unknown, named: ReadonlyMap<string, unknown>): unknown {
  const ref = (entity as { $ref?: unknown } | null | undefined)?.$ref;
  return typeof ref === 'string' ? named.get(ref) : entity;
}
