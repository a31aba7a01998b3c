import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Switches } from './switches.ts';

/** What a tester writes: the devices of the tenant, its library and its switches. Unknown names are refused. */

const ms = z.number().min(0);

export const AwakeSpec = z.union([
  z.enum(['always', 'never']),
  z.strictObject({ asleepForMs: ms }),
  z.strictObject({ firstWakeMs: ms, awakeMs: z.number().positive(), asleepMs: ms }),
  z.strictObject({ spells: z.array(z.strictObject({ fromMs: ms, toMs: ms })) }),
]);

/** What a device does with the commands that fit; the first behaviour that fits counts. */
export const CommandBehaviour = z.strictObject({
  type: z.enum(['PutFile', 'RunScript', 'GetFile']).optional(),
  /** The script's name, the file's name or the path, in full. */
  name: z.string().optional(),
  /** How long it runs, in simulated ms; the device's `runMs` if absent. */
  runMs: ms.optional(),
  fails: z
    .strictObject({
      errors: z.array(z.string()).default(['The command failed']),
      errorHResult: z.int().default(0),
      endsAs: z.enum(['Failed', 'TimeOut']).default('Failed'),
    })
    .optional(),
  /** RunScript: what the result's JSON says. */
  exitCode: z.int().default(0),
  output: z.string().optional(),
  scriptErrors: z.string().default(''),
  /** RunScript: raw line breaks inside JSON strings, NUL characters at the end, or both, as seen in the field. */
  damage: z.enum(['none', 'newlines', 'nuls', 'both']).default('none'),
  /** GetFile: the size of the file on the device, up to 3 GB. RunScript: the least length of its output. */
  bytes: z.int().min(0).max(3_221_225_472).optional(),
});
export type CommandBehaviour = z.output<typeof CommandBehaviour>;

export const DeviceSpec = z
  .strictObject({
    /** 40 hex digits; made from the name if absent. */
    id: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hex digits')
      .optional(),
    computerDnsName: z.string().min(1),
    osPlatform: z.string().default('Windows11'),
    osVersion: z.string().default('23H2'),
    healthStatus: z.string().default('Active'),
    onboardingStatus: z.string().default('Onboarded'),
    lastIpAddress: z.string().default('10.0.0.4'),
    lastExternalIpAddress: z.string().default('203.0.113.10'),
    ipAddresses: z.array(z.string()).optional(),
    aadDeviceId: z.string().nullable().default(null),
    machineTags: z.array(z.string()).default([]),
    rbacGroupId: z.int().default(140),
    rbacGroupName: z.string().default('Workstations'),
    riskScore: z.string().default('None'),
    exposureLevel: z.string().default('Low'),
    deviceValue: z.string().default('Normal'),
    /** Off: the device group has no remediation level, so live response is refused with 403. */
    remediationLevel: z.boolean().default(true),
    /** Off: live response is refused with `OsPlatformNotSupported`. */
    supported: z.boolean().default(true),
    /** Full reports that set `lastSeen`, ms from the time of adding (negative: before). About daily if absent. */
    reportsAtMs: z.array(z.number()).optional(),
    awake: AwakeSpec.default('always'),
    /** From the submit, or from its waking, to the first command; simulated ms. */
    startDelayMs: ms.default(120_000),
    /** How long each command runs; simulated ms. */
    runMs: ms.default(3_000),
    /** From the end of the last command to the action's final status; simulated ms. */
    lagMs: ms.default(37_000),
    /** Somebody in the portal has a session on the device: always, or for a time from its adding (simulated ms). */
    portalSession: z.union([z.boolean(), z.strictObject({ fromMs: ms.default(0), toMs: ms })]).default(false),
    commands: z.array(CommandBehaviour).default([]),
  })
  .transform((device) => ({ ...device, id: device.id ?? machineIdOf(device.computerDnsName) }));
export type DeviceSpec = z.output<typeof DeviceSpec>;
export type DeviceInput = z.input<typeof DeviceSpec>;

export const LibraryFileSpec = z.strictObject({
  fileName: z.string().regex(/^[A-Za-z0-9._-]+$/),
  description: z.string().default(''),
  content: z.string().default(''),
  hasParameters: z.boolean().default(false),
  parametersDescription: z.string().optional(),
});

export const Scenario = z.strictObject({
  seed: z.int().default(1),
  devices: z.array(DeviceSpec).default([]),
  library: z.array(LibraryFileSpec).default([]),
  switches: Switches.prefault({}),
});
export type Scenario = z.output<typeof Scenario>;
export type ScenarioInput = z.input<typeof Scenario>;

/** The id of a device for which none was given. */
export function machineIdOf(computerDnsName: string): string {
  return createHash('sha1').update(computerDnsName).digest('hex');
}
