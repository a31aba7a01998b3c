import { readScriptResult } from '../../domain/results/script-result.ts';

/** Enough to see what a script said; the whole is the artifact itself. */
const TEXT_CHARACTERS = 2_000;

export interface ScriptFields {
  exitCode?: number;
  scriptOutput?: string;
  scriptErrors?: string;
}

/** What a RunScript result tells of its script, as far as it can be read. Never throws. */
export function scriptFields(result: Uint8Array): ScriptFields {
  const { exitCode, output, errors } = readScriptResult(result);
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(output ? { scriptOutput: output.slice(0, TEXT_CHARACTERS) } : {}),
    ...(errors ? { scriptErrors: errors.slice(0, TEXT_CHARACTERS) } : {}),
  };
}
