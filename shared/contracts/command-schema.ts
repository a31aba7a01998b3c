import { z } from 'zod';
import type { Command, CommandType } from '../domain/request/collection-request.ts';
import { devicePathFault, LONGEST_PATH } from '../domain/request/device-path.ts';
import { LONGEST_LIBRARY_NAME, libraryNameFault, proseFault } from '../domain/request/text-rules.ts';
import { ruled } from './field-schemas.ts';
import { bad, fault, fields, isJsonObject, kindOf, type Path, type Read, read } from './reading.ts';

/** Longest arguments of a script: what a Windows command line of cmd.exe holds, which is far below Defender's own. */
export const LONGEST_ARGS = 8000;

const LibraryName = ruled(libraryNameFault).meta({
  description: "Name of a file in the tenant's Live Response library",
  pattern: '^[A-Za-z0-9_.-]+$',
  maxLength: LONGEST_LIBRARY_NAME,
});

const Args = ruled((text) => proseFault(text, LONGEST_ARGS)).meta({
  description: 'Arguments of the script, one string',
  example: '-Deep',
  maxLength: LONGEST_ARGS,
});

const DevicePath = ruled(devicePathFault).meta({
  description: 'Absolute path of one file on the device',
  example: 'C:\\Windows\\Temp\\out.zip',
  maxLength: LONGEST_PATH,
});

const TYPES = {
  PutFile: fields({ type: z.literal('PutFile'), fileName: LibraryName }),
  RunScript: fields({ type: z.literal('RunScript'), scriptName: LibraryName, args: Args.optional() }),
  GetFile: fields({ type: z.literal('GetFile'), path: DevicePath }),
} as const satisfies Record<CommandType, z.ZodType>;

export const CommandSchema = z.discriminatedUnion('type', [TYPES.PutFile, TYPES.RunScript, TYPES.GetFile]).meta({
  id: 'Command',
  description: 'One step: put a library file on the device, run a library script, or get a file',
});

const COMMAND_TYPES = Object.keys(TYPES).join(', ');

/** Reads one command. Empty `args` mean none. */
export function readCommand(value: unknown, path: Path): Read<Command> {
  if (!isJsonObject(value)) return bad(fault('InvalidType', path, `Give an object, not ${kindOf(value)}.`));
  const { type } = value;
  if (type === undefined)
    return bad(fault('Required', [...path, 'type'], `This field is required: one of ${COMMAND_TYPES}.`));
  if (typeof type !== 'string' || !isCommandType(type))
    return bad(fault('InvalidValue', [...path, 'type'], `Give one of ${COMMAND_TYPES}, spelled like this.`));
  const command = read<Written>(TYPES[type], value, path);
  if (!command.ok) return command;
  return { ok: true, value: withoutEmptyArgs(command.value) };
}

function isCommandType(word: string): word is CommandType {
  return Object.hasOwn(TYPES, word);
}

type Written = z.output<(typeof TYPES)[CommandType]>;

function withoutEmptyArgs(written: Written): Command {
  if (written.type !== 'RunScript') return written;
  const { type, scriptName, args } = written;
  return args ? { type, scriptName, args } : { type, scriptName };
}
