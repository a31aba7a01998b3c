/**
 * Why a task did not end as `archived`: every `failure.code` of the outside contract, with a sentence for the analyst,
 * what to do, whether the same request may succeed later, and who has to act. More codes may be added; none changes
 * its meaning.
 */

/** Who has to do something before it can work: whoever asked, who runs Holdfast, who runs Defender, or nobody. */
export const ACTORS = ['requester', 'operator', 'defenderAdmin', 'nobody'] as const;
export type WhoActs = (typeof ACTORS)[number];

export const FAILURE_CODES = [
  'MachineNotFound',
  'AmbiguousTarget',
  'TooManyMachines',
  'PlatformNotSupported',
  'LiveResponseDisabled',
  'RemediationLevelMissing',
  'PermissionMissing',
  'ScriptNotInLibrary',
  'ScriptNotSigned',
  'InvalidCommand',
  'CommandFailed',
  'FileNotFound',
  'FileLocked',
  'FileTooLarge',
  'ActionTimedOut',
  'ActionCancelled',
  'DefenderError',
  'ResultNotAvailable',
  'ResultHostNotAllowed',
  'ResultDamaged',
  'Cancelled',
  'Expired',
  'PolicyDenied',
  'InternalError',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** A machine that also fits a target, so that the caller can choose one by its id. */
export interface Candidate {
  readonly machineId: string;
  readonly computerDnsName?: string;
  readonly healthStatus?: string;
  readonly onboardingStatus?: string;
  /** ISO 8601 UTC. */
  readonly lastSeen?: string;
}

/** What the catalogue says of a code. `retryable`: the same request may succeed later without anyone changing it. */
export interface FailureEntry {
  readonly code: FailureCode;
  readonly message: string;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly whoActs: WhoActs;
}

/** A failure as a task carries it. */
export interface Failure extends FailureEntry {
  /** Defender's signed 32-bit number, when it gave one other than 0. */
  readonly errorHResult?: number;
  readonly candidates?: readonly Candidate[];
}

type Words = Omit<FailureEntry, 'code'>;

const CATALOGUE = {
  MachineNotFound: {
    message: 'Defender knows no machine that fits this target.',
    remedy:
      'Check the name or id in the Defender portal (Assets, Devices) and that the device is onboarded, then ask again.',
    retryable: false,
    whoActs: 'requester',
  },
  AmbiguousTarget: {
    message: 'More than one active machine fits this target, and Holdfast does not guess which one is meant.',
    remedy: 'Choose one of the candidates and ask again with its machineId.',
    retryable: false,
    whoActs: 'requester',
  },
  TooManyMachines: {
    message: 'The tag stands for more machines than one collection can hold (1000 tasks).',
    remedy: 'Use a narrower tag, or split the request into several collections.',
    retryable: false,
    whoActs: 'requester',
  },
  PlatformNotSupported: {
    message:
      "The device's operating system or its Defender sensor is too old for Live Response, or not supported by it.",
    remedy:
      'Update the operating system or the sensor (older servers need the unified agent), or collect by other means.',
    retryable: false,
    whoActs: 'defenderAdmin',
  },
  LiveResponseDisabled: {
    message: 'Live Response, or Live Response for servers, is switched off in this Defender tenant.',
    remedy:
      'Turn on "Live Response" and "Live Response for Servers" in the Defender portal under Settings, Endpoints, Advanced features.',
    retryable: false,
    whoActs: 'defenderAdmin',
  },
  RemediationLevelMissing: {
    message:
      "The device's group has no automated remediation level, and Defender allows Live Response only where one is set.",
    remedy:
      'Give the device group at least the lowest remediation level in the Defender portal (Settings, Endpoints, Device groups).',
    retryable: false,
    whoActs: 'defenderAdmin',
  },
  PermissionMissing: {
    message: "Defender refused Holdfast's identity: it lacks an app role that this call needs.",
    remedy:
      'Grant the identity Machine.LiveResponse, Machine.Read.All and Machine.ReadWrite.All on WindowsDefenderATP, with admin consent.',
    retryable: false,
    whoActs: 'operator',
  },
  ScriptNotInLibrary: {
    message: "The script or file is not in the tenant's Live Response library, or was uploaded only minutes ago.",
    remedy:
      'Check the exact name with the "library" command or the library API, upload it if it is missing, and ask again after 10 minutes.',
    retryable: false,
    whoActs: 'defenderAdmin',
  },
  ScriptNotSigned: {
    message: 'The script is not signed by someone the device trusts, and this tenant does not run unsigned scripts.',
    remedy:
      'Sign the script, or allow "Live Response unsigned script execution" in the Defender portal under Advanced features.',
    retryable: false,
    whoActs: 'defenderAdmin',
  },
  InvalidCommand: {
    message: 'Defender did not accept the commands as they are written.',
    remedy:
      'Check the script names, arguments and paths of the request against the Live Response documentation and ask again.',
    retryable: false,
    whoActs: 'requester',
  },
  CommandFailed: {
    message: 'A command failed on the device, for a reason that Defender gives only in words.',
    remedy: "Read the command's errors, and the device's SenseIR operational event log, for what went wrong there.",
    retryable: false,
    whoActs: 'requester',
  },
  FileNotFound: {
    message: 'The file was not on the device at that path.',
    remedy:
      "Check the path; the file may have been moved, deleted or quarantined. If a script was to write it, read that script's output.",
    retryable: false,
    whoActs: 'requester',
  },
  FileLocked: {
    message: 'The file is on the device, but it is in use or protected and could not be read.',
    remedy: 'Let a script copy it first (for example from a shadow copy to a temporary folder) and collect the copy.',
    retryable: false,
    whoActs: 'requester',
  },
  FileTooLarge: {
    message: 'The file is larger than Live Response carries (3 GB from a device).',
    remedy: 'Let a script compress or split the file, or extract what matters, and collect the pieces.',
    retryable: false,
    whoActs: 'requester',
  },
  ActionTimedOut: {
    message:
      "Defender ended the action because its time was over: a script may run 10 minutes, and a sleeping device's action waits only so long.",
    remedy:
      'Shorten the script or split its work, and see that the device is online; look first at what it has already done there.',
    retryable: true,
    whoActs: 'requester',
  },
  ActionCancelled: {
    message: 'Someone or something other than Holdfast cancelled the machine action in Defender.',
    remedy: "See in Defender's Action center who cancelled it, and ask again if the evidence is still wanted.",
    retryable: true,
    whoActs: 'requester',
  },
  DefenderError: {
    message: 'Defender answered with an error again and again, and Holdfast has stopped trying.',
    remedy:
      "Check the service health of Microsoft Defender and the device's connection (SENSE and WpnService running, proxy open), then ask again.",
    retryable: true,
    whoActs: 'operator',
  },
  ResultNotAvailable: {
    message: 'The command ended well, but Defender gave no result that could be fetched.',
    remedy: 'Ask again for this device; if it happens again, open a case with Microsoft and name the machine action.',
    retryable: true,
    whoActs: 'requester',
  },
  ResultHostNotAllowed: {
    message:
      'The link to the result leads to a host that Holdfast is not allowed to fetch from, so it was not fetched.',
    remedy: "Check that the host is Microsoft's and, if it is, add its suffix to RESULT_LINK_HOSTS; then ask again.",
    retryable: false,
    whoActs: 'operator',
  },
  ResultDamaged: {
    message: 'The result arrived incomplete or damaged each time it was fetched, so it was not kept as evidence.',
    remedy:
      'Ask again for this device; if it happens again, check what stands between Holdfast and the storage that Defender uses.',
    retryable: true,
    whoActs: 'operator',
  },
  Cancelled: {
    message: 'The collection was cancelled before this task had ended.',
    remedy: 'Nothing to do. Submit a new collection if the evidence is wanted after all.',
    retryable: false,
    whoActs: 'nobody',
  },
  Expired: {
    message: 'The time of the collection was over before this task could end: mostly the device did not come online.',
    remedy:
      'Ask again with a later expiresAt when the device is expected online, and see what the task was waiting for.',
    retryable: true,
    whoActs: 'requester',
  },
  PolicyDenied: {
    message: 'The policy of this Holdfast does not allow what was asked of this device.',
    remedy: "Ask for something the policy allows, or ask Holdfast's operator to change the policy.",
    retryable: false,
    whoActs: 'requester',
  },
  InternalError: {
    message: 'Holdfast met a fault of its own and could not go on with this task.',
    remedy:
      "Ask again; if it happens again, give the task's id to Holdfast's operator, who finds the fault in its telemetry.",
    retryable: true,
    whoActs: 'operator',
  },
} as const satisfies Record<FailureCode, Words>;

/** The catalogue's entry of a code. */
export function failureEntry(code: FailureCode): FailureEntry {
  return { code, ...CATALOGUE[code] };
}

/** The catalogue's words with what is known of this one failure. An HRESULT of 0 means "none" and is left out. */
export function failureOf(
  code: FailureCode,
  known: { readonly errorHResult?: number | null; readonly candidates?: readonly Candidate[] } = {},
): Failure {
  return {
    ...failureEntry(code),
    ...(known.errorHResult ? { errorHResult: known.errorHResult } : {}),
    ...(known.candidates ? { candidates: known.candidates } : {}),
  };
}

/** Whether a word from outside (a row, a message) is one of our codes. */
export function isFailureCode(word: string): word is FailureCode {
  return (FAILURE_CODES as readonly string[]).includes(word);
}
