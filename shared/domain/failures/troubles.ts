import type { FailureCode, WhoActs } from './failure-codes.ts';
import type { WaitingReason } from './waiting-reasons.ts';

/**
 * The troubles of live response as people describe them, with what Holdfast calls them. Symptoms after
 * https://jeffreyappel.nl/how-to-troubleshoot-live-response-in-defender-for-endpoint/ and Microsoft's
 * https://learn.microsoft.com/defender-endpoint/troubleshoot-live-response
 */
export interface Trouble {
  readonly symptom: string;
  readonly cause: string;
  readonly remedy: string;
  readonly whoActs: WhoActs;
  readonly codes: readonly FailureCode[];
  readonly waiting: readonly WaitingReason[];
}

export const TROUBLES = {
  sessionStuck: {
    symptom: 'A session hangs: the action stays Pending or InProgress and nothing moves.',
    cause: 'The device went offline or to sleep, or SenseIR.exe on it does not come up.',
    remedy:
      'Nothing at first: Holdfast gives the slot back after its probation and tries again. If it stays so, see that SENSE runs on the device and read its SenseIR event log.',
    whoActs: 'nobody',
    codes: ['Expired', 'ActionTimedOut'],
    waiting: ['MachineAsleep'],
  },
  sessionSlow: {
    symptom: 'Sessions and commands are slow to start.',
    cause:
      'The device is woken through Windows push notifications (WNS), and these reach it late or only through a proxy.',
    remedy:
      'Let the device reach *.wns.windows.com, login.microsoftonline.com and login.live.com directly, without a proxy.',
    whoActs: 'defenderAdmin',
    codes: ['Expired'],
    waiting: ['MachineAsleep'],
  },
  pushNotificationsBlocked: {
    symptom: 'A device that is online is never woken, or minutes late.',
    cause: 'WpnService is disabled, or a policy turns off its use of the network, as some security baselines do.',
    remedy: 'Enable WpnService, and clear the policy "Turn off notifications network usage".',
    whoActs: 'defenderAdmin',
    codes: ['Expired'],
    waiting: ['MachineAsleep'],
  },
  machineOffline: {
    symptom: 'The device is offline.',
    cause:
      "It is switched off or has no network. Defender keeps an action for it only for hours or days, and in that time it holds one of the tenant's sessions.",
    remedy:
      'Nothing: Holdfast parks the task without holding a session and tries again until expiresAt. Give a later expiresAt for a device that is away for long.',
    whoActs: 'nobody',
    codes: ['Expired', 'ActionTimedOut'],
    waiting: ['MachineAsleep'],
  },
  machineBusy: {
    symptom: 'Defender says ActiveRequestAlreadyExists.',
    cause:
      'A device is in one session at a time, and another one is open: perhaps from the portal, which the API does not show.',
    remedy: 'Nothing: Holdfast waits for its end. If it hurries, ask whoever holds the session to close it.',
    whoActs: 'nobody',
    codes: [],
    waiting: ['MachineBusy'],
  },
  timeout: {
    symptom: 'A command ends with a time-out.',
    cause:
      'A script may run 10 minutes and a file may take 30 to collect; or the action waited too long for its device.',
    remedy: 'Split the work, or let the script start it detached and collect its output with a second collection.',
    whoActs: 'requester',
    codes: ['ActionTimedOut'],
    waiting: [],
  },
  fileNotCollected: {
    symptom: 'A file was not collected.',
    cause: 'It is not at that path, is locked or protected, or is larger than 3 GB.',
    remedy:
      'Check the path; let a script copy a locked file to a temporary folder and collect the copy; split a large one.',
    whoActs: 'requester',
    codes: ['FileNotFound', 'FileLocked', 'FileTooLarge', 'CommandFailed'],
    waiting: [],
  },
  downloadError: {
    symptom: 'The result cannot be downloaded.',
    cause: "Defender's link lives 30 minutes, the result was not ready yet, or the transfer broke.",
    remedy:
      'Nothing: Holdfast takes a fresh link for each try and stores the result at once. If it gives up, ask again for this device.',
    whoActs: 'nobody',
    codes: ['ResultNotAvailable', 'ResultHostNotAllowed', 'ResultDamaged'],
    waiting: [],
  },
  indexError: {
    symptom: 'The result of the wrong command arrives, or an index is refused.',
    cause: 'Results are asked for by the position of the command in the action, from 0, and a PutFile has none.',
    remedy:
      'Nothing: Holdfast keeps the index of every command. In an answer, index is that of the command in its request. Defender uses the same, unless requests that only read files shared an action: then actionIndex in the custody record is the one.',
    whoActs: 'nobody',
    codes: ['ResultNotAvailable', 'InvalidCommand'],
    waiting: [],
  },
  noStatus: {
    symptom: 'There is no result and no change of status.',
    cause:
      'A command may be done long before its action, the Action center shows API actions late, or the device stopped reporting.',
    remedy:
      'Nothing at first: Holdfast reads the actions and each of their commands through the API, and ends what never ends.',
    whoActs: 'nobody',
    codes: ['ActionTimedOut', 'DefenderError', 'Expired'],
    waiting: [],
  },
  connectionLost: {
    symptom: 'The error "Unexpected error. HRResult: -2145844840" or another network number.',
    cause: "The device's connection to Defender's service timed out, mostly because it went offline.",
    remedy:
      'See that the device is online and that its proxy lets the Defender service addresses pass, then ask again.',
    whoActs: 'defenderAdmin',
    codes: ['DefenderError'],
    waiting: ['MachineAsleep'],
  },
  scriptNotInLibrary: {
    symptom: `"File 'x' wasn't found in the library."`,
    cause: 'The script was never uploaded, has another name, or was uploaded only minutes ago (it can take up to 10).',
    remedy: 'Check the name with the library command or the libraryfiles API, and upload the script if it is missing.',
    whoActs: 'defenderAdmin',
    codes: ['ScriptNotInLibrary'],
    waiting: ['LibraryNotReady'],
  },
  unsignedScript: {
    symptom: 'A script is refused because it is not signed.',
    cause: '"Live Response unsigned script execution" is off.',
    remedy: 'Sign the script, or turn the setting on under Advanced features.',
    whoActs: 'defenderAdmin',
    codes: ['ScriptNotSigned'],
    waiting: [],
  },
  remediationLevel: {
    symptom: 'Every action on some devices is refused with DisallowedOperation.',
    cause: 'Their device group has no automated remediation level.',
    remedy: 'Give the group at least the lowest remediation level.',
    whoActs: 'defenderAdmin',
    codes: ['RemediationLevelMissing'],
    waiting: [],
  },
  featureOff: {
    symptom: 'Every action is refused with DisabledFeature, or only those on servers.',
    cause: 'Live Response, or Live Response for Servers, is switched off.',
    remedy: 'Turn both on under Advanced features.',
    whoActs: 'defenderAdmin',
    codes: ['LiveResponseDisabled'],
    waiting: [],
  },
  tooManySessions: {
    symptom: 'Defender answers 429, or everything waits.',
    cause: 'A tenant has 10 live response calls a minute and 25 sessions at a time (newer pages say 50).',
    remedy:
      'Nothing: Holdfast keeps within both and says in waiting which one holds a task. Use priority to let urgent work pass.',
    whoActs: 'nobody',
    codes: [],
    waiting: ['SubmitRate', 'NoSlot'],
  },
} as const satisfies Record<string, Trouble>;
