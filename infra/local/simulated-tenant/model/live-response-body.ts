/** The body of `runliveresponse`, read as strictly as Defender reads it: names and values are case-sensitive. */

export type CommandType = 'PutFile' | 'RunScript' | 'GetFile';

export interface LiveResponseCommand {
  type: CommandType;
  params: { key: string; value: string }[];
}

export interface LiveResponseRequest {
  commands: LiveResponseCommand[];
  comment: string;
}

export interface BodyFault {
  code: 'InvalidRequestBody' | 'MissingRequiredParameter' | 'InvalidInput';
  message: string;
}

/** The order in which Defender wants the groups, with the keys of each. */
const COMMANDS = {
  PutFile: { order: 0, required: 'FileName', optional: [] },
  RunScript: { order: 1, required: 'ScriptName', optional: ['Args'] },
  GetFile: { order: 2, required: 'Path', optional: [] },
} as const satisfies Record<CommandType, { order: number; required: string; optional: readonly string[] }>;

/** The name that a command works on: its script, its file or its path. */
export function subjectOf(command: LiveResponseCommand): string {
  const key = COMMANDS[command.type].required;
  return command.params.find((param) => param.key === key)?.value ?? '';
}

/** @param body the parsed JSON, or undefined where it could not be parsed */
export function readLiveResponseBody(body: unknown): LiveResponseRequest | BodyFault {
  if (!isObject(body)) return invalid('Request body is incorrect');
  for (const name of Object.keys(body)) {
    if (name !== 'Commands' && name !== 'Comment') return invalid(`Unknown property '${name}'`);
  }
  const { Commands, Comment } = body;
  if (Commands === undefined) return missing('Commands');
  if (!Array.isArray(Commands) || Commands.length === 0)
    return invalid('Commands must be a list with one or more commands');
  if (Comment === undefined || Comment === '') return missing('Comment');
  if (typeof Comment !== 'string') return invalid('Comment must be a string');
  const commands: LiveResponseCommand[] = [];
  for (const given of Commands) {
    const command = readCommand(given);
    if ('code' in command) return command;
    const before = commands.at(-1);
    if (before !== undefined && COMMANDS[before.type].order > COMMANDS[command.type].order) {
      return { code: 'InvalidInput', message: 'Commands must be in the order PutFile, RunScript, GetFile' };
    }
    commands.push(command);
  }
  return { commands, comment: Comment };
}

function readCommand(given: unknown): LiveResponseCommand | BodyFault {
  if (!isObject(given)) return invalid('A command must be an object');
  for (const name of Object.keys(given)) {
    if (name !== 'type' && name !== 'params') return invalid(`Unknown property '${name}' of a command`);
  }
  if (given.type === undefined) return missing('type');
  const { type } = given;
  if (type !== 'PutFile' && type !== 'RunScript' && type !== 'GetFile')
    return invalid(`Unknown command type '${type}'`);
  if (!Array.isArray(given.params)) return missing('params');
  const { required, optional } = COMMANDS[type];
  const params: LiveResponseCommand['params'] = [];
  for (const param of given.params) {
    if (!isObject(param) || typeof param.key !== 'string') return invalid('A parameter needs a key and a value');
    if (param.key !== required && !(optional as readonly string[]).includes(param.key)) {
      return invalid(`Unknown key '${param.key}' for ${type}`);
    }
    if (typeof param.value !== 'string') return invalid(`The value of '${param.key}' must be a string`);
    params.push({ key: param.key, value: param.value });
  }
  if (!params.some((param) => param.key === required && param.value !== '')) return missing(required);
  return { type, params };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const invalid = (message: string): BodyFault => ({ code: 'InvalidRequestBody', message });
const missing = (name: string): BodyFault => ({
  code: 'MissingRequiredParameter',
  message: `Missing required parameter '${name}'`,
});
