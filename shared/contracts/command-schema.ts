import { z } from 'zod';
import type { Command, CommandType } from '../domain/request/collection-request.ts';
import { devicePathFault, LONGEST_PATH } from '../domain/request/device-path.ts';
import { LONGEST_LIBRARY_NAME, libraryNameFault, proseFault } from '../domain/request/text-rules.ts';
import { ruled } from './field-schemas.ts';
import { bad, fault, fields, isJsonObject, kindOf, type Path, type Read, read, unknownFields } from './reading.ts';

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
const COMMAND_FIELDS = [...new Set(Object.values(TYPES).flatMap(({ shape }) => Object.keys(shape)))];

/** Reads one command. Empty `args` mean none. */
export function readCommand(value: unknown, path: Path): Read<Command> {
  if (!isJsonObject(value)) return bad(fault('InvalidType', path, `Give an object, not ${kindOf(value)}.`));
  const { type } = value;
  if (typeof type === 'string' && isCommandType(type)) {
    const command = read<Written>(TYPES[type], value, path);
    return command.ok ? { ok: true, value: withoutEmptyArgs(command.value) } : command;
  }
  const typeFault =
    type === undefined
      ? fault('Required', [...path, 'type'], `This field is required: one of ${COMMAND_TYPES}.`)
      : fault('InvalidValue', [...path, 'type'], `Give one of ${COMMAND_TYPES}, spelled like this.`);
  return bad(typeFault, ...unknownFields(value, COMMAND_FIELDS, path));
}

/** What can be said of a command that is faulty, to check its place among others: its type, if it has one. */
export function sketchedCommand(value: unknown): Command | undefined {
  const type = isJsonObject(value) ? value.type : undefined;
  if (type === 'RunScript') return { type, scriptName: '' };
  return type === 'GetFile' ? { type, path: '' } : undefined;
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
