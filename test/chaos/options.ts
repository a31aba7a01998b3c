import { parseArgs } from 'node:util';
import { wholeNumber } from '../../infra/local/command-line.ts';

export interface ChaosOptions {
  seed: number;
  kills: number;
  pauses: number;
  stops: number;
  tasks: number;
  /** Length of the storm. */
  minutes: number;
}

export const USAGE =
  'Usage: npm run chaos -- [--seed N] [--kills 100] [--pauses 5] [--stops 5] [--tasks 200] [--minutes 9]';

/** @throws Error that says what is wrong with the arguments */
export function readOptions(args: string[], anySeed: number): ChaosOptions {
  const text = { type: 'string' as const };
  const names = { seed: text, kills: text, pauses: text, stops: text, tasks: text, minutes: text };
  const { values } = parseArgs({ args, options: names });
  const whole = (name: keyof typeof names, otherwise: number, least = 0): number => {
    const given = values[name];
    return given === undefined ? otherwise : wholeNumber(name, given, least);
  };
  return {
    seed: whole('seed', anySeed),
    kills: whole('kills', 100),
    pauses: whole('pauses', 5),
    stops: whole('stops', 5),
    tasks: whole('tasks', 200, 1),
    minutes: whole('minutes', 9, 1),
  };
}
