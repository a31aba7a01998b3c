import type { CommandType } from '../request/collection-request.ts';
import { codeOfCommandErrors } from './command-errors.ts';
import { defenderVerdict } from './defender-errors.ts';
import { type Failure, type FailureCode, failureOf } from './failure-codes.ts';
import { hexOf, hresultEntry, hresultIn } from './hresults.ts';

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
  readonly commandType?: CommandType;
  /** Signed; 0 means none. */
  readonly errorHResult?: number;
}

/**
 * Why it failed, as far as the evidence tells: an answer that refused the call says most, then the words of the failed
 * command, then the number, then how the action ended. Never throws.
 */
export function explainFailure(evidence: Evidence): Failure {
  const errorHResult = evidence.errorHResult || numberIn(evidence.commandErrors ?? []);
  const code = codeOfAnswer(evidence) ?? codeOfCommand(evidence, errorHResult) ?? codeOfEnd(evidence);
  const failure = failureOf(code, errorHResult === undefined ? {} : { errorHResult });
  const meaning = errorHResult === undefined ? undefined : hresultEntry(errorHResult);
  if (errorHResult === undefined || meaning === undefined) return failure;
  const said = `Defender gave ${hexOf(errorHResult)}: ${meaning.meaning}; likely cause: ${meaning.likelyCause}.`;
  return { ...failure, message: `${failure.message} ${said}` };
}

function codeOfAnswer({ httpStatus, defenderCode, defenderMessage }: Evidence): FailureCode | undefined {
  if (httpStatus === undefined && defenderCode === undefined) return undefined;
  const verdict = defenderVerdict(httpStatus, defenderCode);
  // What should have been waited for has ended all the same: our patience is over.
  if (verdict.kind === 'wait') return 'DefenderError';
  const vague = verdict.code === 'InvalidCommand' || verdict.code === 'MachineNotFound';
  const hint = vague && defenderMessage !== undefined ? codeOfCommandErrors([defenderMessage], 'RunScript') : undefined;
  return hint !== undefined && TELLING.includes(hint) && mentionsLibraryOrSignature(defenderMessage ?? '')
    ? hint
    : verdict.code;
}

/** Whether a script is in the library may be checked when the action is submitted or on the device: both are possible. */
const TELLING: readonly FailureCode[] = ['ScriptNotInLibrary', 'ScriptNotSigned'];

function mentionsLibraryOrSignature(message: string): boolean {
  return /library|script|sign/i.test(message);
}

function codeOfCommand(
  { commandErrors = [], commandType }: Evidence,
  hresult: number | undefined,
): FailureCode | undefined {
  const byWords = codeOfCommandErrors(commandErrors, commandType);
  if (byWords !== undefined) return byWords;
  return hresult === undefined ? undefined : codeOfNumber(hresult, commandType);
}

/** A file that PutFile or RunScript does not find is the library's; what they may not open fails for another reason. */
function codeOfNumber(hresult: number, type: CommandType | undefined): FailureCode | undefined {
  const code = hresultEntry(hresult)?.code;
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
