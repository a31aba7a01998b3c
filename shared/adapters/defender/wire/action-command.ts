import { z } from 'zod';
import type { Command } from '../../../domain/request/collection-request.ts';
import type { ActionCommand } from '../../../ports.ts';
import { readInstant } from './instant.ts';
import { anything, count, list, text } from './open-schemas.ts';
import { plainText } from './plain-text.ts';
import { commandStatusOf } from './words.ts';

const WireCommand = z
  .object({ type: text, params: list })
  .optional()
  .catch(() => undefined);

const WireEntry = z.object({
  index: count,
  commandStatus: text,
  startTime: anything,
  endTime: anything,
  errors: anything,
  command: WireCommand,
});

const Parameter = z.object({ key: z.string(), value: z.string() });

/** More errors than this of one command tell nothing new. */
const MOST_ERRORS = 20;
/** Of all errors of one command, in UTF-16 units: twenty commands must fit one row, every unit escaped. */
const MOST_ERROR_CHARACTERS = 2000;
/** Deepest nesting of an error that is repeated. */
const DEEPEST = 20;

/** Commands of an action in the order of their index. An entry that is no object is left out. */
export function readCommands(entries: readonly unknown[]): ActionCommand[] {
  return entries
    .flatMap((entry, position) => {
      const parsed = WireEntry.safeParse(entry);
      return parsed.success ? [toActionCommand(parsed.data, position)] : [];
    })
    .toSorted((a, b) => a.index - b.index);
}

function toActionCommand(entry: z.infer<typeof WireEntry>, position: number): ActionCommand {
  const command = entry.command && toCommand(entry.command);
  const startedAt = readInstant(entry.startTime);
  const endedAt = readInstant(entry.endTime);
  return {
    index: entry.index ?? position,
    ...(command === undefined ? {} : { command }),
    status: commandStatusOf(entry.commandStatus ?? ''),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    errors: readErrors(entry.errors),
  };
}

/** @returns nothing for a kind of command that we never send */
function toCommand(command: NonNullable<z.infer<typeof WireCommand>>): Command | undefined {
  const parameters = new Map(
    command.params.flatMap((entry): [string, string][] => {
      const parsed = Parameter.safeParse(entry);
      return parsed.success ? [[parsed.data.key.toLowerCase(), parsed.data.value]] : [];
    }),
  );
  switch (command.type?.toLowerCase()) {
    case 'putfile': {
      const fileName = parameters.get('filename');
      return fileName === undefined ? undefined : { type: 'PutFile', fileName };
    }
    case 'runscript': {
      const scriptName = parameters.get('scriptname');
      const args = parameters.get('args');
      if (scriptName === undefined) return undefined;
      return args === undefined ? { type: 'RunScript', scriptName } : { type: 'RunScript', scriptName, args };
    }
    case 'getfile': {
      const path = parameters.get('path');
      return path === undefined ? undefined : { type: 'GetFile', path };
    }
    default:
      return undefined;
  }
}

/** Errors are texts in every sample seen; objects, a single text or null are read as well. */
function readErrors(errors: unknown): string[] {
  const entries = Array.isArray(errors) ? errors : [errors];
  const texts = entries
    .slice(0, MOST_ERRORS)
    .flatMap((entry) => errorText(entry) ?? [])
    .map((entry) => plainText(entry))
    .filter((entry) => entry !== '');
  let left = MOST_ERROR_CHARACTERS;
  return texts.filter((entry) => {
    left -= entry.length;
    return left >= 0;
  });
}

const ErrorObject = z.object({ code: text, message: text });

function errorText(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (entry === null || entry === undefined) return undefined;
  const { code, message } = ErrorObject.safeParse(entry).data ?? {};
  if (code !== undefined && message !== undefined) return `${code}: ${message}`;
  return (
    message ??
    code ??
    (isDeep(entry, DEEPEST) ? 'An error that is nested too deeply to repeat.' : JSON.stringify(entry))
  );
}

/** Looks no deeper than it must: writing out what is nested without end would exhaust the stack. */
function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}
