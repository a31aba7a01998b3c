import type { CommandType } from '../request/collection-request.ts';
import { codeOfCommandErrors } from './command-errors.ts';
import { defenderVerdict } from './defender-errors.ts';
import { type Failure, type FailureCode, failureOf } from './failure-codes.ts';
import { hresultEntry, hresultIn } from './hresults.ts';

/** What is known of a failure. Each piece may be missing. */
export interface Evidence {
  /** Of an answer of Defender's API. */
  readonly httpStatus?: number;
  /** `error.code` of that answer. */
  readonly defenderCode?: string;
  /** `error.message` of that answer: a hint where the code says little, never more. */
  readonly defenderMessage?: string;
  /** The action's status at its end, in Defender's own word. */
  readonly actionStatus?: string;
  /** `errors[]` of the failed command, and which type it has. */
  readonly commandErrors?: readonly string[];
  readonly commandType?: CommandType | undefined;
  /** Signed; 0 means none. */
  readonly errorHResult?: number | undefined;
}

/**
 * Why it failed, as far as the evidence tells: an answer that refused the call says most, then the words of the failed
 * command, then the number, then how the action ended. Never throws.
 */
export function explainFailure(evidence: Evidence): Failure {
  const errorHResult = evidence.errorHResult || numberIn(evidence.commandErrors ?? []);
  const known = hresultEntry(errorHResult);
  const code = codeOfAnswer(evidence) ?? codeOfCommand(evidence, known?.code) ?? codeOfEnd(evidence);
  const failure = failureOf(code, { errorHResult: errorHResult ?? null });
  if (known === undefined) return failure;
  const said = `Defender gave ${known.hex}: ${known.meaning}; likely cause: ${known.likelyCause}.`;
  return { ...failure, message: `${failure.message} ${said}` };
}

function codeOfAnswer({ httpStatus, defenderCode, defenderMessage = '' }: Evidence): FailureCode | undefined {
  if (httpStatus === undefined && defenderCode === undefined) return undefined;
  const verdict = defenderVerdict(httpStatus, defenderCode);
  // What should have been waited for has ended all the same: our patience is over.
  if (verdict.kind === 'wait') return 'DefenderError';
  const vague = verdict.code === 'InvalidCommand' || verdict.code === 'MachineNotFound';
  const hint = vague ? codeOfCommandErrors([defenderMessage], 'RunScript') : undefined;
  // Whether a script is in the library may be checked when the action is submitted or on the device: both are possible.
  const telling = hint === 'ScriptNotInLibrary' || hint === 'ScriptNotSigned';
  return telling && mentionsLibraryOrSignature(defenderMessage) ? hint : verdict.code;
}

function mentionsLibraryOrSignature(message: string): boolean {
  return /library|script|sign/i.test(message);
}

function codeOfCommand(
  { commandErrors = [], commandType }: Evidence,
  byNumber: FailureCode | undefined,
): FailureCode | undefined {
  return codeOfCommandErrors(commandErrors, commandType) ?? ofCommand(byNumber, commandType);
}

/** A file that PutFile or RunScript does not find is the library's; what they may not open fails for another reason. */
function ofCommand(code: FailureCode | undefined, type: CommandType | undefined): FailureCode | undefined {
  if (type === undefined || type === 'GetFile') return code;
  if (code === 'FileNotFound') return 'ScriptNotInLibrary';
  return code === 'FileLocked' ? 'CommandFailed' : code;
}

function codeOfEnd({ actionStatus, commandErrors = [], commandType }: Evidence): FailureCode {
  const status = actionStatus?.toLowerCase();
  if (status === 'timeout') return 'ActionTimedOut';
  if (status === 'cancelled' || status === 'canceled') return 'ActionCancelled';
  return commandErrors.length > 0 || commandType !== undefined ? 'CommandFailed' : 'DefenderError';
}

function numberIn(errors: readonly string[]): number | undefined {
  return hresultIn(errors.join('\n'));
}
