import type { Machine } from './action.ts';
import { type Candidate, type Failure, failureOf } from './failures/failure-codes.ts';
import type { Target } from './request/collection-request.ts';
import { toIso } from './time.ts';

export type Match =
  | { kind: 'one'; machine: Machine }
  | { kind: 'many'; machines: Machine[] }
  | { kind: 'failed'; failure: Failure };

/** Tasks that one collection can hold. */
export const MOST_TASKS = 1000;

/**
 * Which machine a target means, among machines that may fit it. Names match whole and without regard to case, a name
 * without dots the first label whole; of several, those no longer active are passed over; a single one is taken whatever
 * its health; what remains ambiguous is never guessed.
 */
export function matchTarget(target: Target, found: readonly Machine[]): Match {
  // Pages of a list that changes meanwhile may show a machine twice.
  const machines = [...new Map(found.map((m) => [m.machineId, m])).values()];
  if ('machineTag' in target) return matchTag(target.machineTag, machines);
  const fitting = machines.filter((m) => fits(target, m));
  const [only] = fitting;
  if (!only) return { kind: 'failed', failure: failureOf('MachineNotFound') };
  if (fitting.length === 1) return { kind: 'one', machine: only };
  const active = fitting.filter(isActive);
  const [alone] = active;
  if (alone && active.length === 1) return { kind: 'one', machine: alone };
  const candidates = (active.length > 0 ? active : fitting).map(candidateOf);
  return { kind: 'failed', failure: failureOf('AmbiguousTarget', { candidates }) };
}

function matchTag(tag: string, machines: readonly Machine[]): Match {
  const tagged = machines.filter((m) => m.machineTags.includes(tag) && isActive(m));
  if (tagged.length === 0) return { kind: 'failed', failure: failureOf('MachineNotFound') };
  if (tagged.length > MOST_TASKS) return { kind: 'failed', failure: failureOf('TooManyMachines') };
  return { kind: 'many', machines: tagged };
}

function fits(target: Target, machine: Machine): boolean {
  if ('machineId' in target) return machine.machineId === target.machineId;
  if ('aadDeviceId' in target) return machine.aadDeviceId?.toLowerCase() === target.aadDeviceId;
  if ('computerDnsName' in target) return fitsName(target.computerDnsName, machine.computerDnsName);
  // Whoever asked Defender by address got only machines that had it.
  return 'ipAddress' in target;
}

export function fitsName(asked: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  const wanted = asked.toLowerCase();
  const full = name.toLowerCase();
  return wanted.includes('.') ? full === wanted : full.split('.')[0] === wanted;
}

/** `Onboarded`, and not `Inactive` or without sensor data. What Defender does not say does not count against it. */
export function isActive(machine: Machine): boolean {
  const onboarded = machine.onboardingStatus?.toLowerCase() ?? 'onboarded';
  const health = machine.healthStatus?.toLowerCase() ?? 'active';
  return onboarded === 'onboarded' && health !== 'inactive' && !health.startsWith('nosensordata');
}

function candidateOf(machine: Machine): Candidate {
  return {
    machineId: machine.machineId,
    ...(machine.computerDnsName ? { computerDnsName: machine.computerDnsName } : {}),
    ...(machine.healthStatus ? { healthStatus: machine.healthStatus } : {}),
    ...(machine.onboardingStatus ? { onboardingStatus: machine.onboardingStatus } : {}),
    ...(machine.lastSeenAt === undefined ? {} : { lastSeen: toIso(machine.lastSeenAt) }),
  };
}
