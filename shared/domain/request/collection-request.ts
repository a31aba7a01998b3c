/**
 * What a caller asks for, once it has been read and found good: the words of the outside contract, nothing of HTTP.
 */

/** How a caller names one device, or with a tag several. Which key is there says which kind it is. */
export type Target = MachineIdTarget | DnsNameTarget | AadDeviceTarget | IpAddressTarget | MachineTagTarget;

/** Defender's own id of a machine: 40 hex digits, lower case. */
export interface MachineIdTarget {
  readonly machineId: string;
}
/** A full name, or a name without dots that matches a machine's first label. As the caller wrote it. */
export interface DnsNameTarget {
  readonly computerDnsName: string;
}
/** The device's id in Microsoft Entra: a GUID, lower case. */
export interface AadDeviceTarget {
  readonly aadDeviceId: string;
}
/** An address means a device only together with a time: `at` is an instant, ISO 8601 UTC. */
export interface IpAddressTarget {
  readonly ipAddress: string;
  readonly at: string;
}
/** Every active machine that carries exactly this tag. */
export interface MachineTagTarget {
  readonly machineTag: string;
}

export type TargetKind = 'machineId' | 'computerDnsName' | 'aadDeviceId' | 'ipAddress' | 'machineTag';

export const TARGET_KINDS = [
  'machineId',
  'computerDnsName',
  'aadDeviceId',
  'ipAddress',
  'machineTag',
] as const satisfies readonly TargetKind[];

/** The kind of a target, by the key it has. */
export function targetKind(target: Target): TargetKind {
  if ('machineId' in target) return 'machineId';
  if ('computerDnsName' in target) return 'computerDnsName';
  if ('aadDeviceId' in target) return 'aadDeviceId';
  if ('ipAddress' in target) return 'ipAddress';
  return 'machineTag';
}

/** One step of a live response action. `args` is one string, absent when there is none. */
export type Command = PutFileCommand | RunScriptCommand | GetFileCommand;

export interface PutFileCommand {
  readonly type: 'PutFile';
  readonly fileName: string;
}
export interface RunScriptCommand {
  readonly type: 'RunScript';
  readonly scriptName: string;
  readonly args?: string;
}
export interface GetFileCommand {
  readonly type: 'GetFile';
  readonly path: string;
}

export type CommandType = Command['type'];

/** A command at its place in the action: `index` counts from 0 in the order submitted, as Defender counts. */
export type IndexedCommand = Command & { readonly index: number };

export const PRIORITIES = ['urgent', 'normal', 'bulk'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** A recipe as asked for. Its parameters are read by the recipe itself. */
export interface RecipeChoice {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Fields of the body, in the order of the contract. */
export const REQUEST_FIELDS = [
  'requestId',
  'targets',
  'entities',
  'commands',
  'recipe',
  'comment',
  'caseId',
  'priority',
  'expiresAt',
  'callbackUrl',
] as const;
export type RequestField = (typeof REQUEST_FIELDS)[number];

/** A validated request with its defaults filled in. */
export interface CollectionRequest {
  /** From the body or the header `Idempotency-Key`. Without one every request is a new collection. */
  readonly requestId?: string;
  /** 1 to 1000, also when the caller gave Sentinel entities. */
  readonly targets: readonly Target[];
  /** 1 to 20, in Defender's order, also when the caller gave a recipe. */
  readonly commands: readonly IndexedCommand[];
  readonly recipe?: RecipeChoice;
  readonly comment?: string;
  readonly caseId?: string;
  readonly priority: Priority;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
  /** A secret: in no answer, log or manifest. */
  readonly callbackUrl?: string;
  /** What the caller wrote himself, so that a default can be told from a choice. */
  readonly given: readonly RequestField[];
}

/** Limits of the outside contract, named once. */
export const REQUEST_LIMITS = {
  targets: 1000,
  commands: 20,
  /** Of all commands together, as they are stored (`storedLength`): every attempt keeps them in one row. */
  commandCharacters: 400_000,
  requestIdCharacters: 128,
  caseIdCharacters: 128,
  expiryDays: 30,
  defaultExpiryDays: 7,
  /** Defender finds a machine by an address that it had within the last 30 days (find-machines-by-ip). */
  addressAgeDays: 30,
} as const;
