import { z } from 'zod';
import { TARGET_KINDS, type Target, type TargetKind } from '../domain/request/collection-request.ts';
import { DnsName, Guid, Instant, MachineId, MachineTag } from './field-schemas.ts';
import { bad, fault, fields, isJsonObject, kindOf, type Path, type Read, read, unknownFields } from './reading.ts';

const addressFamilies = z.union([z.ipv4(), z.ipv6()]);

const IpAddress = z
  .string()
  .refine((text) => addressFamilies.safeParse(text).success, 'Give an IPv4 or IPv6 address, such as 10.1.2.3.')
  .toLowerCase()
  .meta({ description: 'An IPv4 or IPv6 address that the device had', example: '10.1.2.3' });

/** One schema per kind of target, by the key that names it. */
const KINDS = {
  machineId: fields({ machineId: MachineId }),
  computerDnsName: fields({ computerDnsName: DnsName }),
  aadDeviceId: fields({ aadDeviceId: Guid.meta({ description: "The device's id in Microsoft Entra" }) }),
  ipAddress: fields({ ipAddress: IpAddress, at: Instant.meta({ description: 'When the device had this address' }) }),
  machineTag: fields({ machineTag: MachineTag }),
} as const satisfies Record<TargetKind, z.ZodType<Target>>;

export const TargetSchema = z
  .union([KINDS.machineId, KINDS.computerDnsName, KINDS.aadDeviceId, KINDS.ipAddress, KINDS.machineTag])
  .meta({ id: 'Target', description: 'One device by exactly one of its names, or several by a tag' });

/**
 * Reads one target. The kind is chosen by the key first, so that the faults are those of the kind that the caller
 * meant, not of every kind there is.
 */
export function readTarget(value: unknown, path: Path): Read<Target> {
  if (!isJsonObject(value)) return bad(fault('InvalidType', path, `Give an object, not ${kindOf(value)}. ${ONE_KEY}`));
  const named = TARGET_KINDS.filter((kind) => Object.hasOwn(value, kind));
  const [kind] = named;
  if (kind !== undefined && named.length === 1) return read<Target>(KINDS[kind], value, path);
  return bad(
    fault(kind === undefined ? 'Required' : 'Conflict', path, ONE_KEY),
    ...unknownFields(value, [...TARGET_KINDS, 'at'], path),
  );
}

const ONE_KEY = `Name the target by exactly one of ${TARGET_KINDS.join(', ')}.`;
