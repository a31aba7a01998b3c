import type { Command } from '../../../domain/request/collection-request.ts';

interface WireParameter {
  key: 'FileName' | 'ScriptName' | 'Args' | 'Path';
  value: string;
}

interface WireRun {
  Commands: { type: Command['type']; params: WireParameter[] }[];
  Comment: string;
}

/**
 * The body of a submit. Names are case-sensitive, `Args` is left out when there is none.
 * @see https://learn.microsoft.com/defender-endpoint/api/run-live-response
 */
export function runRequest(commands: readonly Command[], comment: string): WireRun {
  return {
    Commands: commands.map((command) => ({ type: command.type, params: parametersOf(command) })),
    Comment: comment,
  };
}

function parametersOf(command: Command): WireParameter[] {
  switch (command.type) {
    case 'PutFile':
      return [{ key: 'FileName', value: command.fileName }];
    case 'RunScript':
      return [
        { key: 'ScriptName', value: command.scriptName },
        ...(command.args ? [{ key: 'Args', value: command.args } as const] : []),
      ];
    case 'GetFile':
      return [{ key: 'Path', value: command.path }];
  }
}
