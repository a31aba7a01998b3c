import type { Device } from './device.ts';
import { isAwake } from './device-timeline.ts';
import { type FractionDigits, instant } from './instants.ts';
import type { Fields } from './odata-filter.ts';
import type { FieldReader } from './odata-match.ts';

export type MachineEntity = ReturnType<typeof entityOf>;

/** What a device showed last, and by what it did. */
interface Shown {
  entity: MachineEntity;
  spec: Device['spec'];
  addedAt: number;
  seenAt: number;
  digits: FractionDigits;
}

const lastShown = new WeakMap<Device, Shown>();

/** A machine as Defender shows it; the same object, frozen, while nothing changes. @see defender-docs, machine */
export function machineEntity(device: Device, now: number, digits: FractionDigits): MachineEntity {
  const { spec, addedAt } = device;
  const seenAt = device.lastSeenAt(now);
  const shown = lastShown.get(device);
  const isSame = shown?.spec === spec && shown.addedAt === addedAt && shown.digits === digits;
  if (isSame && shown.seenAt === seenAt) return shown.entity;
  // of a list of thousands mostly this alone is new
  const fields = isSame ? { ...shown.entity, lastSeen: instant(seenAt, digits) } : entityOf(device, seenAt, digits);
  const entity = Object.freeze(fields);
  lastShown.set(device, { entity, spec, addedAt, seenAt, digits });
  return entity;
}

function entityOf(device: Device, seenAt: number, digits: FractionDigits) {
  const { spec } = device;
  return {
    id: spec.id,
    computerDnsName: spec.computerDnsName,
    firstSeen: instant(device.addedAt - 90 * 86_400_000, digits),
    lastSeen: instant(seenAt, digits),
    osPlatform: spec.osPlatform,
    osVersion: null,
    osProcessor: 'x64',
    osArchitecture: '64-bit',
    version: spec.osVersion,
    osBuild: 22631,
    agentVersion: '10.8760.22631.4391',
    lastIpAddress: spec.lastIpAddress,
    lastExternalIpAddress: spec.lastExternalIpAddress,
    healthStatus: spec.healthStatus,
    onboardingStatus: spec.onboardingStatus,
    deviceValue: spec.deviceValue,
    rbacGroupId: spec.rbacGroupId,
    rbacGroupName: spec.rbacGroupName,
    riskScore: spec.riskScore,
    exposureLevel: spec.exposureLevel,
    isAadJoined: spec.aadDeviceId !== null,
    aadDeviceId: spec.aadDeviceId,
    machineTags: spec.machineTags,
    ipAddresses: addressesOf(device).map((ipAddress) => ({
      ipAddress,
      macAddress: spec.id.slice(0, 12).toUpperCase(),
      operationalStatus: 'Up',
      type: 'Ethernet',
    })),
  };
}

export function addressesOf(device: Device): string[] {
  return device.spec.ipAddresses ?? [device.spec.lastIpAddress];
}

/** @see defender-docs, get-machines: `rbacGroupName` is not among them */
export const MACHINE_FIELDS: Fields = {
  id: 'id',
  computerDnsName: 'string',
  version: 'string',
  deviceValue: 'string',
  aadDeviceId: 'string',
  machineTags: 'strings',
  lastSeen: 'instant',
  exposureLevel: 'string',
  onboardingStatus: 'string',
  lastIpAddress: 'string',
  healthStatus: 'string',
  osPlatform: 'string',
  riskScore: 'string',
  rbacGroupId: 'number',
};

export function machineReader(device: Device, now: number): FieldReader {
  return (field) => {
    switch (field) {
      case 'lastSeen':
        return device.lastSeenAt(now);
      case 'version':
        return device.spec.osVersion;
      default:
        return device.spec[field as keyof typeof device.spec] as ReturnType<FieldReader>;
    }
  };
}

/** How far from the asked instant a device may have been seen. @see defender-docs, find-machines-by-ip */
const IP_WINDOW_MS = 15 * 60_000;

/** Whether a device was up with its address within 15 minutes of an instant; before it was added it counts as up. */
export function wasSeenAround(device: Device, at: number): boolean {
  if (at <= device.addedAt || isAwake(device.pattern, at)) return true;
  const next = device.pattern(Math.max(device.addedAt, at - IP_WINDOW_MS));
  return next !== undefined && next.from <= at + IP_WINDOW_MS;
}
