import process from 'node:process';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * What a command was asked for. Of what it does not know, or cannot read, it says so beside how it is used, and ends with
 * exit code 2.
 * @param read throws an error that says what is wrong
 */
export function fromCommandLine<Config extends ParseArgsConfig, Asked>(
  usage: string,
  config: Config,
  read: (given: ReturnType<typeof parseArgs<Config>>) => Asked,
): Asked {
  try {
    return read(parseArgs(config));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exit(2);
  }
}

/** @throws RangeError that names the option */
export function wholeNumber(option: string, given: string, least = 0): number {
  const value = Number(given);
  if (given.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new RangeError(`--${option}: ${given} is no whole number from ${least} on`);
  return value;
}
