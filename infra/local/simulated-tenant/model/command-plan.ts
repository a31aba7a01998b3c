import type { CommandPlan } from './action-timeline.ts';
import type { Device } from './device.ts';
import type { Library } from './library.ts';
import { type LiveResponseCommand, subjectOf } from './live-response-body.ts';
import type { Switches } from './switches.ts';

/** Signed HRESULTs as devices report them. */
export const HRESULT = {
  fileNotFound: -2147024894,
  noSignature: -2146762496,
  timeout: -2147023436,
} as const;

/** What a device will do with a command, decided when the action is submitted. */
export function commandPlan(
  command: LiveResponseCommand,
  device: Device,
  library: Library,
  switches: Switches,
  now: number,
): CommandPlan {
  const behaviour = device.behaviourOf(command);
  const runMs = device.duration(behaviour?.runMs ?? device.spec.runMs);
  const refusal = libraryRefusal(command, library, switches, now);
  if (refusal !== undefined) return { runMs: Math.min(runMs, device.duration(1000)), failure: refusal };
  if (behaviour?.fails !== undefined) return { runMs, failure: behaviour.fails };
  const most = device.duration(command.type === 'GetFile' ? switches.getFileTimeoutMs : switches.scriptTimeoutMs);
  if (runMs <= most) return { runMs };
  const errors = [`The command '${command.type}' timed out`];
  return { runMs: most, failure: { errors, errorHResult: HRESULT.timeout, endsAs: 'TimeOut' } };
}

/** Whether the library has the file of a command and devices can see it. */
export function isInLibrary(command: LiveResponseCommand, library: Library): boolean {
  return command.type === 'GetFile' || library.find(subjectOf(command)) !== undefined;
}

function libraryRefusal(command: LiveResponseCommand, library: Library, switches: Switches, now: number) {
  if (command.type === 'GetFile') return undefined;
  const name = subjectOf(command);
  const file = library.find(name);
  const arrived = file !== undefined && now >= file.updatedAt + switches.libraryPropagationMs;
  const missing = switches.missingScripts !== 'allowed' || file !== undefined;
  if (!arrived && missing) {
    const errors = [`File '${name}' wasn't found in the library`];
    return { errors, errorHResult: HRESULT.fileNotFound, endsAs: 'Failed' as const };
  }
  if (command.type === 'RunScript' && file?.signed === false && !switches.unsignedScriptsAllowed) {
    const errors = [`Script '${name}' is not signed, and the tenant does not allow unsigned scripts`];
    return { errors, errorHResult: HRESULT.noSignature, endsAs: 'Failed' as const };
  }
  return undefined;
}
